#pragma once

#include <memory>
#include <string>

#include "providers/contract/http.h"
#include "providers/contract/task.h"
#include "providers/translation/fields.h"
#include "providers/ucloud/settings.h"
#include "providers/ucloud/signature.h"

namespace bwgw::ucloud {

/// One action and its own parameters; the account's are added when it is signed.
struct Call {
    std::string action;
    Parameters parameters = {};

    /// Everything but a known reading word may cost money.
    bool write() const noexcept;
};

/// A reply whose RetCode is 0.
struct Reply {
    translation::Document body;
    std::string request_id;  ///< X-UCLOUD-REQUEST-UUID
};

/// Signs a call, sends it as a POST form and reads the RetCode. One call is one request, never repeated.
/// A failure carries the vendor's code and message, free of the account's keys and bounded in length.
class Client {
public:
    Client(HttpTransport& transport, std::shared_ptr<const Settings> settings)
        : transport_(transport), settings_(std::move(settings)) {}

    Task<Reply> call(const RequestContext& context, Call call) const;

private:
    Parameters signed_parameters(const Call& call) const;
    HttpRequest request(const Call& call, const Parameters& parameters) const;
    Result<Reply> read(const Call& call, const Parameters& sent, const HttpReply& reply) const;
    std::string without_keys(std::string text, const Parameters& sent) const;

    HttpTransport& transport_;
    std::shared_ptr<const Settings> settings_;
};

}  // namespace bwgw::ucloud
