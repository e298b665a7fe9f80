#include "providers/ucloud/provider.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

#include "providers/contract/when_all.h"

namespace bwgw::ucloud {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

class UCloud final : public Provider {
public:
    UCloud(std::shared_ptr<const Settings> settings, HttpTransport& transport, Clock now)
        : settings_(std::move(settings)), client_(transport, settings_) {
        if (settings_->inter_region == InterRegion::legacy)
            products_.push_back(make_legacy(client_, settings_));
        if (settings_->inter_region == InterRegion::simple)
            products_.push_back(make_simple(client_, settings_));
        if (settings_->eip_boost) products_.push_back(make_eip(client_, settings_, std::move(now)));
        profile_.name = settings_->name;
        profile_.family = "ucloud";
        for (const auto& product : products_) profile_.products.push_back(product->profile());
    }

    const Profile& profile() const noexcept override { return profile_; }

    std::optional<Failure> refusal(const Order& order) const override {
        const auto* product = product_for(order.kind);
        if (!product) return named(unsupported_product(word(order.kind)));
        auto refusal = product->refusal(order);
        return refusal ? std::optional(named(*std::move(refusal))) : std::nullopt;
    }

    Task<Listing> list(const RequestContext& context, Query query) override {
        std::vector<Task<Listing>> reading;
        for (const auto& product : products_)
            if (concerns(query, product->profile())) reading.push_back(product->list(context, query));
        if (query.product && reading.empty()) co_return named(unsupported_product(*query.product));
        auto whole = merged(*co_await when_all(std::move(reading)));
        if (!whole) co_return named(std::move(whole).failure());
        std::erase_if(whole->items, [&](const Bandwidth& row) { return !asked_for(query, row); });
        if (whole->problem) whole->problem = named(*std::move(whole->problem));
        co_return whole;
    }

    Task<Receipt> create(const RequestContext& context, Order order) override {
        auto* product = product_for(order.kind);
        if (!product) co_return named(unsupported_product(word(order.kind)));
        co_return named(co_await product->create(context, std::move(order)));
    }

    Task<Receipt> change(const RequestContext& context, ResourceRef ref, Change change) override {
        auto* product = this->product(ref.product);
        if (!product) co_return named(unsupported_product(ref.product));
        const auto* resize = std::get_if<Resize>(&change);
        if (!resize) co_return named(unsupported(word(Action::rename)));
        if (resize->burst_mbps) co_return named(unsupported("burst"));
        co_return named(co_await product->resize(context, std::move(ref), *resize));
    }

    Task<Receipt> release(const RequestContext& context, ResourceRef ref) override {
        auto* product = this->product(ref.product);
        if (!product) co_return named(unsupported_product(ref.product));
        co_return named(co_await product->release(context, std::move(ref)));
    }

    Task<Price> quote(const RequestContext& context, Wish wish) override {
        auto* order = std::get_if<Order>(&wish);
        if (!order) co_return named(unsupported(word(Action::quote_resize)));
        auto* product = product_for(order->kind);
        if (!product) co_return named(unsupported_product(word(order->kind)));
        co_return named(co_await product->quote(context, std::move(*order)));
    }

    Task<std::vector<Region>> regions(const RequestContext&) override {
        co_return named(unsupported(word(Action::regions)));
    }

private:
    static Failure unsupported_product(std::string_view product) {
        return {Slug::unsupported, fmt::format("this account does not sell {}", product)};
    }

    Failure named(Failure failure) const {
        failure.provider = settings_->name;
        return failure;
    }
    template <class T>
    Result<T> named(Result<T> result) const {
        if (!result) result.failure().provider = settings_->name;
        return result;
    }

    // A scope without a product says by itself which it is: a region of the settings, or else a network.
    bool concerns(const Query& query, const ProductProfile& product) const {
        if (query.product) return *query.product == product.product;
        return !query.scope ||
               contains(settings_->eip_regions, *query.scope) == (product.kind == Kind::eip_boost);
    }

    // Brands may ignore a filter, and the project-wide list has none.
    bool asked_for(const Query& query, const Bandwidth& row) const {
        if (query.scope && row.ref.scope != *query.scope) return false;
        if (!query.native_ids.empty() && !contains(query.native_ids, row.ref.native_id)) return false;
        const bool of_network = row.kind != Kind::eip_boost && !query.scope && !settings_->networks.empty();
        return !of_network || contains(settings_->networks, row.ref.scope);
    }

    Product* product(std::string_view name) const {
        for (const auto& product : products_)
            if (product->profile().product == name) return product.get();
        return nullptr;
    }
    Product* product_for(Kind kind) const {
        for (const auto& product : products_)
            if (product->profile().kind == kind) return product.get();
        return nullptr;
    }

    std::shared_ptr<const Settings> settings_;
    Client client_;
    std::vector<std::unique_ptr<Product>> products_;
    Profile profile_;
};

Instant system_now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

std::unique_ptr<Provider> make_provider(std::shared_ptr<const Settings> settings, HttpTransport& transport,
                                        Clock now) {
    return std::make_unique<UCloud>(std::move(settings), transport, std::move(now));
}

std::function<std::unique_ptr<Provider>(HttpTransport&)> read(std::string name, SettingsReader& reader) {
    auto settings = std::make_shared<const Settings>(read_settings(std::move(name), reader));
    return [settings](HttpTransport& transport) { return make_provider(settings, transport, system_now); };
}

}  // namespace bwgw::ucloud
