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
        std::vector<std::string> regions = settings_->eip_regions;
        const bool all = regions.empty() && !query.scope;
        if (query.scope) regions = {*query.scope};
        if (all) {
            auto found = co_await discover(context);
            if (!found) co_return std::move(found).failure();
            regions = *std::move(found);
        }
        std::vector<Task<Listing>> reading;
        for (auto& region : regions) reading.push_back(list_region(context, std::move(region), all));
        co_return merged(*co_await when_all(std::move(reading)));
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
    // A region that we only tried may not be sold to this account: that is an empty one.
    Task<Listing> list_region(const RequestContext& context, std::string region, bool tried) const {
        Call call{"DescribeBandwidthPackage", {{"Region", region}}};
        Rows rows{{"DataSets"}, "BandwidthPackageId", [region, now = now_()](const auto& row) {
                      return eip_row(row, region, now);
                  }};
        rows.optional = true;
        auto listing = co_await read(context, std::move(call), std::move(rows));
        if (tried && !listing && refused_with(listing.failure(), kNotAvailable)) co_return Listing{};
        co_return listing;
    }

    // Where the settings name no region: what the brand says, or else every code that the family documents.
    Task<std::vector<std::string>> discover(const RequestContext& context) const {
        for (const auto* action : {"ListUGNRegions", "DescribeUGNRegionList"}) {
            Call call{action};
            auto reply = co_await client_.call(context, std::move(call));
            if (reply) co_return region_codes(reply->body);
            if (!refused_with(reply.failure(), kActionNotFound)) co_return std::move(reply).failure();
        }
        co_return std::vector<std::string>(kRegionCodes.begin(), kRegionCodes.end());
    }

    Clock now_;
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
