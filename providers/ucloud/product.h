#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "providers/contract/provider.h"
#include "providers/ucloud/client.h"
#include "providers/ucloud/mapping.h"

namespace bwgw::ucloud {

using Clock = std::function<Instant()>;

/// One of the three products that this protocol sells. What a product cannot do fails with `unsupported` and
/// sends nothing.
class Product {
public:
    Product(const Client& client, std::shared_ptr<const Settings> settings, ProductProfile profile)
        : client_(client), settings_(std::move(settings)), profile_(std::move(profile)) {}
    virtual ~Product() = default;

    const ProductProfile& profile() const noexcept { return profile_; }

    /// Why this order cannot be said to the vendor, if it cannot.
    virtual std::optional<Failure> refusal(const Order& order) const = 0;
    /// May show more than was asked, for brands that ignore a filter: the provider narrows.
    virtual Task<Listing> list(const RequestContext& context, Query query) = 0;
    virtual Task<Receipt> create(const RequestContext& context, Order order) = 0;
    virtual Task<Receipt> resize(const RequestContext& context, ResourceRef ref, Resize to);
    virtual Task<Receipt> release(const RequestContext& context, ResourceRef ref) = 0;
    virtual Task<Price> quote(const RequestContext& context, Order order);

protected:
    /// Sends a write; `id` is the member of the reply that holds the native id, where there is one.
    Task<Receipt> write(const RequestContext& context, Call call, std::string_view id = {}) const;
    /// Pages through a list to its end.
    Task<Listing> read(const RequestContext& context, Call call, Rows rows) const;

    const Client& client_;
    std::shared_ptr<const Settings> settings_;

private:
    ProductProfile profile_;
};

std::unique_ptr<Product> make_legacy(const Client& client, std::shared_ptr<const Settings> settings);
std::unique_ptr<Product> make_simple(const Client& client, std::shared_ptr<const Settings> settings);
std::unique_ptr<Product> make_eip(const Client& client, std::shared_ptr<const Settings> settings, Clock now);

/// Parts that were read side by side as one: a part that failed is the listing's problem. Fails only if no
/// part could be read.
Result<Listing> merged(std::vector<Result<Listing>> parts);

Failure unsupported(std::string_view what);

/// Whether the vendor answered with this RetCode.
bool refused_with(const Failure& failure, std::int64_t ret_code);

}  // namespace bwgw::ucloud
