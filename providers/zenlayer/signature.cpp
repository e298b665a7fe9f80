#include "providers/zenlayer/signature.h"

#include <fmt/format.h>

#include "providers/translation/digest.h"

namespace bwgw::zenlayer {
namespace {
constexpr std::string_view kSignedHeaders = "content-type;host";
}

std::string canonical_request(const Signable& call) {
    return fmt::format("POST\n/\n\ncontent-type:{}\nhost:{}\n\n{}\n{}", call.content_type, call.host,
                       kSignedHeaders, translation::sha256_hex(call.body));
}

std::string signature(const Signable& call, std::string_view password) {
    const auto to_sign = fmt::format("{}\n{}\n{}", kSignatureMethod, call.timestamp,
                                     translation::sha256_hex(canonical_request(call)));
    return translation::hmac_sha256_hex(password, to_sign);
}

std::string authorization(const Signable& call, std::string_view key_id, std::string_view password) {
    return fmt::format("{} Credential={}, SignedHeaders={}, Signature={}", kSignatureMethod, key_id,
                       kSignedHeaders, signature(call, password));
}

}  // namespace bwgw::zenlayer
