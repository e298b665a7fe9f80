#include <utility>

#include "providers/ucloud/product.h"

namespace bwgw::ucloud {
namespace {

// The SimpleUGN package actions: create returns no id, but the list echoes the name that we gave.
class Simple final : public Product {
public:
    using Product::Product;

    Task<Listing> list(const RequestContext& context, Query query) override {
        Call call{"ListSimpleBwPackage"};
        if (query.scope) {
            call.action = "GetSimpleUGNBwPackages";
            call.parameters["UGNID"] = *query.scope;
            add_array(call.parameters, "PackageIds", query.native_ids);
        }
        Rows rows{{"BwPackages"}, "PackageID", [this](const auto& row) {
                      return simple_row(row, settings_->words);
                  }};
        co_return co_await read(context, std::move(call), std::move(rows));
    }

    std::optional<Failure> refusal(const Order& order) const override {
        auto parameters = simple_order(order, *settings_);
        return parameters ? std::nullopt : std::optional(std::move(parameters).failure());
    }

    Task<Receipt> create(const RequestContext& context, Order order) override {
        auto parameters = simple_order(order, *settings_);
        if (!parameters) co_return std::move(parameters).failure();
        Call call{"CreateSimpleUGNBwPackage", *std::move(parameters)};
        co_return co_await write(context, std::move(call));
    }

    Task<Receipt> resize(const RequestContext& context, ResourceRef ref, Resize to) override {
        Call call{"ModifyUGNBandwidth", {{"UGNID", ref.scope}, {"PackageID", ref.native_id}}};
        call.parameters["BandWidth"] = std::to_string(to.bandwidth_mbps);
        co_return co_await write(context, std::move(call));
    }

    Task<Receipt> release(const RequestContext& context, ResourceRef ref) override {
        Call call{"DeleteUGNBwPackage", {{"UGNID", ref.scope}, {"BwPackageID", ref.native_id}}};
        co_return co_await write(context, std::move(call));
    }

    Task<Price> quote(const RequestContext& context, Order order) override {
        if (!settings_->price) co_return simple_price({}, order, *settings_);
        auto parameters = simple_price_question(order, *settings_);
        if (!parameters) co_return std::move(parameters).failure();
        Call call{"GetSimpleBuyBwPrice", *std::move(parameters)};
        auto reply = co_await client_.call(context, std::move(call));
        if (!reply) co_return std::move(reply).failure();
        co_return simple_price(reply->body.root, order, *settings_);
    }
};

}  // namespace

std::unique_ptr<Product> make_simple(const Client& client, std::shared_ptr<const Settings> settings) {
    ProductProfile profile;
    profile.product = "simple";
    profile.kind = Kind::inter_region;
    profile.actions = {Action::create, Action::list, Action::resize, Action::release, Action::quote};
    profile.billing_models = {BillingModel::fixed, BillingModel::fifth_peak, BillingModel::traffic};
    profile.min_mbps = settings->limits.min_mbps;
    profile.max_mbps = settings->limits.max_mbps;
    profile.safety = PurchaseSafety::marker;
    return std::make_unique<Simple>(client, std::move(settings), std::move(profile));
}

}  // namespace bwgw::ucloud
