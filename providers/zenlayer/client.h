#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "providers/contract/context.h"
#include "providers/contract/http.h"
#include "providers/contract/task.h"
#include "providers/translation/fields.h"
#include "providers/zenlayer/settings.h"

namespace bwgw::zenlayer {

/// What a call does at the vendor: decides how it is sent and what a failure says about money.
enum class Effect : std::uint8_t { read, change, purchase };

/// One action, its parameters as the JSON body.
struct Call {
    std::string action;
    std::string body;
    Effect effect = Effect::read;
};

/// A success: the inner `response` object, and the outer request id.
struct Answer {
    translation::Document document;
    std::string request_id;

    const rapidjson::Value& response() const { return document.root["response"]; }
};

/// Signs a call, sends it exactly once, and reads the reply's envelope or error. A reply that is no success
/// is a Failure by the vocabulary; on a write its outcome is `unknown` unless the vendor surely did not act.
class Client {
public:
    Client(HttpTransport& transport, std::shared_ptr<const Settings> settings);
    Task<Answer> call(const RequestContext& context, Call call);

private:
    HttpTransport& transport_;
    std::shared_ptr<const Settings> settings_;
};

/// A broken promise of the reply's form: unknown outcome on a write.
Failure broken_reply(const Settings& settings, Effect effect, std::string detail, std::string request_id);

}  // namespace bwgw::zenlayer
