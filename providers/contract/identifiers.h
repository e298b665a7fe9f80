#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace bwgw {

/// Where one bandwidth lives at its provider: enough to ask for it, whoever holds it.
struct ResourceRef {
    std::string product;    ///< as the provider's profile names it, e.g. `legacy`
    std::string scope;      ///< network id, or region for a boost: what the vendor wants beside the id
    std::string native_id;  ///< the vendor's id
    friend bool operator==(const ResourceRef&, const ResourceRef&) = default;
};

/// A bandwidth's id on the wire: base64url of provider, product, scope and native id, so that replicas and
/// restarts agree without sharing anything. Opaque to clients.
struct BandwidthId {
    std::string provider;
    ResourceRef ref;

    std::string text() const;
    /// Nothing if the text is not one that text() gives.
    static std::optional<BandwidthId> parse(std::string_view text);
};

/// The vendor's name of what we buy: `<name>.gw-<12 base32 characters>`, or the marker alone without a name.
struct TaggedName {
    std::string name;
    std::string marker;

    std::string text() const;
    /// A name without a marker at its end is all name.
    static TaggedName parse(std::string_view vendor_name);
};

/// The marker of an operation: `gw-` and the last 12 base32 characters of its id, which are 60 random bits.
std::string marker_of(std::string_view operation_id);

/// RFC 4648 base64url without padding; decode refuses anything that encode does not give.
std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace bwgw
