#include "providers/zenlayer/provider.h"

#include <algorithm>
#include <utility>

#include "providers/contract/when_all.h"
#include "providers/translation/paging.h"
#include "providers/zenlayer/client.h"
#include "providers/zenlayer/mapping.h"
#include "providers/zenlayer/vocabulary.h"

namespace bwgw::zenlayer {
namespace {

constexpr std::string_view kNotGranted = "AUTHFAILURE_UNAUTHORIZED_OPERATION";

Profile profile_of(const Settings& settings) {
    ProductProfile product;
    product.product = kProduct;
    product.kind = Kind::inter_region;
    product.actions = {Action::create,  Action::list,  Action::resize,       Action::rename,
                       Action::release, Action::quote, Action::quote_resize, Action::regions};
    for (const auto& line : kBillingModels) product.billing_models.push_back(line.ours);
    product.max_mbps = settings.max_mbps;
    product.safety = PurchaseSafety::natural_key;
    return {.name = settings.name, .family = "zenlayer", .products = {std::move(product)}};
}

class Zenlayer final : public Provider {
public:
    Zenlayer(std::shared_ptr<const Settings> settings, HttpTransport& transport)
        : settings_(std::move(settings)), profile_(profile_of(*settings_)), client_(transport, settings_) {}

    const Profile& profile() const noexcept override { return profile_; }
    std::optional<Failure> refusal(const Order& order) const override;
    Task<Listing> list(const RequestContext& context, Query query) override;
    Task<Receipt> create(const RequestContext& context, Order order) override;
    Task<Receipt> change(const RequestContext& context, ResourceRef ref, Change change) override;
    Task<Receipt> release(const RequestContext& context, ResourceRef ref) override;
    Task<Price> quote(const RequestContext& context, Wish wish) override;
    Task<std::vector<Region>> regions(const RequestContext& context) override;

private:
    Task<translation::Page> page(const RequestContext& context, const Query& query, std::int64_t number);
    Task<Receipt> acknowledged(const RequestContext& context, Call call);
    Failure refused(Slug slug, std::string pointer, std::string why) const;
    std::optional<Failure> wrong(std::int64_t bandwidth, std::optional<std::int64_t> burst) const;

    std::shared_ptr<const Settings> settings_;
    Profile profile_;
    Client client_;
};

Failure Zenlayer::refused(Slug slug, std::string pointer, std::string why) const {
    Failure failure{.slug = slug, .detail = why};
    failure.provider = settings_->name;
    failure.errors = {{std::move(pointer), std::move(why)}};
    return failure;
}

std::optional<Failure> Zenlayer::wrong(std::int64_t bandwidth, std::optional<std::int64_t> burst) const {
    if (burst && *burst < bandwidth)
        return refused(Slug::invalid_request, "/burst_mbps", "must not be below bandwidth_mbps");
    return std::nullopt;
}

// What this vendor has no field for is refused, never dropped.
std::optional<Failure> Zenlayer::refusal(const Order& order) const {
    if (order.kind != Kind::inter_region) return refused(Slug::unsupported, "/kind", "is not sold here");
    if (!translation::theirs(kBillingModels, order.billing.model))
        return refused(Slug::unsupported, "/billing/model", "is not sold here");
    if (order.billing.payment == Payment::prepaid || order.billing.term)
        return refused(Slug::unsupported, "/billing/payment", "only pay-as-you-go is sold here");
    if (order.service_tier) return refused(Slug::unsupported, "/service_tier", "is not sold here");
    if (order.path_policy) return refused(Slug::unsupported, "/path_policy", "is not sold here");
    if (!order.network_id.empty() && !settings_->serves(order.network_id))
        return refused(Slug::invalid_request, "/network_id",
                       "is not one of this provider's configured networks");
    if (order.burst_mbps.has_value() != (order.billing.model == BillingModel::percentile_95))
        return refused(Slug::invalid_request, "/burst_mbps", "stands exactly with percentile_95");
    return wrong(order.bandwidth_mbps, order.burst_mbps);
}

Task<translation::Page> Zenlayer::page(const RequestContext& context, const Query& query,
                                       std::int64_t number) {
    const auto answer = co_await client_.call(
        context, {"DescribeCrossRegionBandwidth", list_body(query, *settings_, number)});
    if (!answer) co_return answer.failure();
    co_return page_of(*answer, query, *settings_);
}

Task<Listing> Zenlayer::list(const RequestContext& context, Query query) {
    if (query.product && *query.product != kProduct) co_return Listing{};
    if (query.scope && !settings_->serves(*query.scope)) co_return Listing{};
    translation::FetchPage fetch = [this, &context, &query](translation::Cursor cursor) {
        return page(context, query, cursor.number);
    };
    auto listing = co_await translation::read_whole(std::move(fetch), settings_->page_size);
    if (listing && listing->problem) listing->problem->provider = settings_->name;
    co_return listing;
}

Task<Receipt> Zenlayer::create(const RequestContext& context, Order order) {
    if (auto failure = refusal(order)) co_return *std::move(failure);
    const auto answer =
        co_await client_.call(context, {"CreateCrossRegionBandwidth", create_body(order), Effect::purchase});
    if (!answer) co_return answer.failure();
    co_return receipt_of(*answer, *settings_);
}

// The reply of a change says no more than that it was taken.
Task<Receipt> Zenlayer::acknowledged(const RequestContext& context, Call call) {
    const auto answer = co_await client_.call(context, std::move(call));
    if (!answer) co_return answer.failure();
    Receipt receipt;
    receipt.request_id = answer->request_id;
    co_return receipt;
}

Task<Receipt> Zenlayer::change(const RequestContext& context, ResourceRef ref, Change change) {
    Call call{.effect = Effect::change};
    if (const auto* name = std::get_if<Rename>(&change)) {
        call.action = "ModifyCrossRegionBandwidthAttribute";
        call.body = rename_body(ref.native_id, *name);
    } else {
        const auto& resize = std::get<Resize>(change);
        if (auto failure = wrong(resize.bandwidth_mbps, resize.burst_mbps)) co_return *std::move(failure);
        call.action = "ModifyCrossRegionBandwidth";
        call.body = resize_body(ref.native_id, resize);
    }
    co_return co_await acknowledged(context, std::move(call));
}

Task<Receipt> Zenlayer::release(const RequestContext& context, ResourceRef ref) {
    return acknowledged(context, {"DeleteCrossRegionBandwidth", id_body(ref.native_id), Effect::change});
}

Task<Price> Zenlayer::quote(const RequestContext& context, Wish wish) {
    if (!settings_->price) {
        Failure failure{.slug = Slug::price_unavailable,
                        .detail = "the settings give this provider's prices no currency"};
        failure.provider = settings_->name;
        co_return failure;
    }
    Call call;
    std::int64_t mbps = 0;
    if (const auto* order = std::get_if<Order>(&wish)) {
        if (auto failure = refusal(*order)) co_return *std::move(failure);
        mbps = order->bandwidth_mbps;
        call = {"InquiryPriceCreateCrossRegionBandwidth", price_body(*order)};
    } else {
        const auto& resize = std::get<PriceOfResize>(wish);
        mbps = resize.to.bandwidth_mbps;
        call = {"InquiryPriceModifyCrossRegionBandwidth", resize_price_body(resize.ref.native_id, resize.to)};
    }
    const auto answer = co_await client_.call(context, std::move(call));
    if (!answer) co_return answer.failure();
    co_return price_of(*answer, mbps, *settings_);
}

Task<std::vector<Region>> Zenlayer::regions(const RequestContext& context) {
    std::vector<Task<Answer>> calls;
    calls.push_back(client_.call(context, {"DescribeCrossRegionBandwidthRegions", "{}"}));
    calls.push_back(client_.call(context, {"DescribeZones", "{}"}));
    auto answers = co_await when_all(std::move(calls));
    if (!answers) co_return answers.failure();
    auto& regions = answers->at(0);
    auto& zones = answers->at(1);
    if (!regions) co_return regions.failure();
    if (!zones && (!zones.failure().provider_error || zones.failure().provider_error->code != kNotGranted))
        co_return zones.failure();
    co_return regions_of(*regions, zones ? &*zones : nullptr, *settings_);
}

}  // namespace

std::unique_ptr<Provider> make_provider(std::shared_ptr<const Settings> settings, HttpTransport& transport) {
    return std::make_unique<Zenlayer>(std::move(settings), transport);
}

std::function<std::unique_ptr<Provider>(HttpTransport&)> read(std::string name, SettingsReader& reader) {
    auto settings = std::make_shared<const Settings>(read_settings(std::move(name), reader));
    return [settings](HttpTransport& transport) { return make_provider(settings, transport); };
}

}  // namespace bwgw::zenlayer
