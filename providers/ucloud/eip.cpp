#include <utility>

#include "providers/contract/when_all.h"
#include "providers/ucloud/product.h"

namespace bwgw::ucloud {
namespace {

// The *BandwidthPackage actions of one region: no modify, no filter.
class Eip final : public Product {
public:
    Eip(const Client& client, std::shared_ptr<const Settings> settings, ProductProfile profile, Clock now)
        : Product(client, std::move(settings), std::move(profile)), now_(std::move(now)) {}

    Task<Listing> list(const RequestContext& context, Query query) override {
        if (query.scope) co_return co_await list_regions(context, {*query.scope});
        if (!settings_->eip_regions.empty()) co_return co_await list_regions(context, settings_->eip_regions);
        if (now_() >= learn_again_) {
            auto found = co_await discover(context);
            if (!found) co_return std::move(found).failure();
            sold_ = *std::move(found);
            learn_again_ = now_() + kLearnEvery;
        }
        const auto tried = sold_;
        std::vector<Task<Listing>> reading;
        for (const auto& region : tried) reading.push_back(list_region(context, region));
        auto parts = *co_await when_all(std::move(reading));
        std::vector<Result<Listing>> counting;
        for (std::size_t i = 0; i < parts.size(); ++i) {
            // A region that we only tried may not be sold to this account: that is an empty one, and is not
            // asked again.
            if (!parts[i] && refused_with(parts[i].failure(), kNotAvailable)) {
                std::erase(sold_, tried[i]);
            } else {
                counting.push_back(std::move(parts[i]));
            }
        }
        co_return merged(std::move(counting));
    }

    std::optional<Failure> refusal(const Order& order) const override {
        auto parameters = eip_order(order, *settings_);
        return parameters ? std::nullopt : std::optional(std::move(parameters).failure());
    }

    Task<Receipt> create(const RequestContext& context, Order order) override {
        auto parameters = eip_order(order, *settings_);
        if (!parameters) co_return std::move(parameters).failure();
        Call call{"CreateBandwidthPackage", *std::move(parameters)};
        co_return co_await write(context, std::move(call), "BandwidthPackageId");
    }

    Task<Receipt> release(const RequestContext& context, ResourceRef ref) override {
        Call call{"DeleteBandwidthPackage", {{"Region", ref.scope}, {"BandwidthPackageId", ref.native_id}}};
        co_return co_await write(context, std::move(call));
    }

private:
    Task<Listing> list_regions(const RequestContext& context, std::vector<std::string> regions) const {
        std::vector<Task<Listing>> reading;
        for (auto& region : regions) reading.push_back(list_region(context, std::move(region)));
        co_return merged(*co_await when_all(std::move(reading)));
    }

    Task<Listing> list_region(const RequestContext& context, std::string region) const {
        Call call{"DescribeBandwidthPackage", {{"Region", region}}};
        Rows rows{{"DataSets"}, "BandwidthPackageId", [region, now = now_()](const auto& row) {
                      return eip_row(row, region, now);
                  }};
        rows.optional = true;
        co_return co_await read(context, std::move(call), std::move(rows));
    }

    // Where the settings name no region: what the brand says, or else every code that the family documents.
    Task<std::vector<std::string>> discover(const RequestContext& context) const {
        for (const auto* action : {"ListUGNRegions", "DescribeUGNRegionList"}) {
            Call call{action};
            auto reply = co_await client_.call(context, std::move(call));
            if (reply) co_return region_codes(reply->body.root);
            if (!refused_with(reply.failure(), kActionNotFound)) co_return std::move(reply).failure();
        }
        co_return std::vector<std::string>(kRegionCodes.begin(), kRegionCodes.end());
    }

    static constexpr std::chrono::minutes kLearnEvery{10};  // vendors open a region once in months
    Clock now_;
    std::vector<std::string> sold_;  // as last learnt, without what the account is refused
    Instant learn_again_{};
};

}  // namespace

std::unique_ptr<Product> make_eip(const Client& client, std::shared_ptr<const Settings> settings, Clock now) {
    ProductProfile profile;
    profile.product = "eip";
    profile.kind = Kind::eip_boost;
    profile.actions = {Action::create, Action::list, Action::release};
    profile.billing_models = {BillingModel::fixed};
    profile.min_mbps = settings->eip_limits.min_mbps;
    profile.max_mbps = settings->eip_limits.max_mbps;
    profile.safety = PurchaseSafety::none;
    return std::make_unique<Eip>(client, std::move(settings), std::move(profile), std::move(now));
}

}  // namespace bwgw::ucloud
