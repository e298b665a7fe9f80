#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "providers/contract/bandwidth.h"
#include "providers/contract/context.h"
#include "providers/contract/http.h"
#include "providers/contract/money.h"
#include "providers/contract/region.h"
#include "providers/contract/task.h"

namespace bwgw {

enum class Action : std::uint8_t { create, list, resize, rename, release, quote, quote_resize, regions };

/// What stands between an ambiguous create and a second purchase (product.md, "Buying, exactly").
enum class PurchaseSafety : std::uint8_t {
    natural_key,  ///< the vendor refuses a second link for a pair: may be sent once more, after the settle
                  ///< window
    marker,       ///< our name is echoed by the listing: found again or never resent
    none,         ///< only the difference from the baseline tells; never resent
};

std::string_view word(Action action) noexcept;
std::string_view word(PurchaseSafety safety) noexcept;

/// One product as this account sells it: data, checked by the gateway before any call.
struct ProductProfile {
    std::string product;
    Kind kind = Kind::inter_region;
    std::vector<Action> actions;
    std::vector<BillingModel> billing_models;
    std::int64_t min_mbps = 1;
    std::int64_t max_mbps = 1;
    PurchaseSafety safety = PurchaseSafety::none;

    bool can(Action action) const noexcept;
};

struct Profile {
    std::string name;    ///< the configured account
    std::string family;  ///< the wire protocol
    std::vector<ProductProfile> products;

    /// At most one product of each kind.
    const ProductProfile* product_for(Kind kind) const noexcept;
    const ProductProfile* product(std::string_view product) const noexcept;
    bool can(Action action) const noexcept;
};

/// What to list; every member narrows. A get is a list of one native id.
struct Query {
    std::optional<std::string> product = {};
    std::optional<std::string> scope = {};  ///< network id or region, as in ResourceRef
    std::vector<std::string> native_ids = {};
    friend auto operator<=>(const Query&, const Query&) = default;
};

/// What a source showed. Absence of a row means something only where the listing is complete.
struct Listing {
    std::vector<Bandwidth> items;
    std::optional<Failure> problem = {};  ///< why it is not complete

    bool complete() const noexcept { return !problem; }
};

/// The vendor's word that it took an order.
struct Receipt {
    std::string native_id;     ///< empty: this product's create returns none, find it by marker
    std::string order_number;  ///< where the vendor gives one
    std::string request_id;
};

/// The full values to be in force; the burst stands exactly where the link has one.
struct Resize {
    std::int64_t bandwidth_mbps = 0;
    std::optional<std::int64_t> burst_mbps = {};
    friend bool operator==(const Resize&, const Resize&) = default;
};
struct Rename {
    std::string name;
    std::string marker;  ///< the resource's own, kept
};
using Change = std::variant<Resize, Rename>;

/// The price of an order, or of a resize of what exists.
struct PriceOfResize {
    ResourceRef ref;
    Resize to;
};
using Wish = std::variant<Order, PriceOfResize>;

enum class Per : std::uint8_t { once, hour, month, year };
std::string_view word(Per per) noexcept;

/// A live price. The currency and the unit come from the settings, for no vendor states them: without them
/// there is no price, only price-unavailable.
struct Price {
    Money amount;
    std::optional<Decimal> original_amount = {};
    std::optional<Per> per = {};
};

/// One account at one vendor: translates, does not decide. Every method but list sends exactly one vendor
/// call and never repeats it; the fleet has checked the capability, and bounds the time by the context.
class Provider {
public:
    virtual ~Provider() = default;

    virtual const Profile& profile() const noexcept = 0;
    /// What in this order this account would refuse although its profile allows it; asks nobody. `create`
    /// refuses the same, so that nothing is recorded as sent that never can be.
    virtual std::optional<Failure> refusal(const Order&) const { return std::nullopt; }
    /// Pages to the end. Fails only if nothing at all could be read; a part is a Listing with its problem.
    virtual Task<Listing> list(const RequestContext& context, Query query) = 0;
    virtual Task<Receipt> create(const RequestContext& context, Order order) = 0;
    virtual Task<Receipt> change(const RequestContext& context, ResourceRef ref, Change change) = 0;
    virtual Task<Receipt> release(const RequestContext& context, ResourceRef ref) = 0;
    virtual Task<Price> quote(const RequestContext& context, Wish wish) = 0;
    virtual Task<std::vector<Region>> regions(const RequestContext& context) = 0;
};

}  // namespace bwgw
