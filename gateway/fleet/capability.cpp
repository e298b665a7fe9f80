#include <fmt/format.h>

#include <algorithm>

#include "gateway/fleet/fleet.h"

namespace bwgw::fleet {
namespace {

Failure unsupported(const Profile& profile, std::string detail, std::string pointer = "") {
    Failure failure{.slug = Slug::unsupported, .detail = std::move(detail), .provider = profile.name};
    if (!pointer.empty()) failure.errors.push_back({std::move(pointer), failure.detail});
    return failure;
}

Result<const ProductProfile*> selling(const Profile& profile, const Order& order, Action action) {
    const auto* product = profile.product_for(order.kind);
    if (!product)
        return unsupported(profile, fmt::format("{} does not sell {}", profile.name, word(order.kind)),
                           "/kind");
    if (!product->can(action))
        return unsupported(profile,
                           fmt::format("{} cannot {} {}", profile.name, word(action), word(order.kind)));
    const auto& models = product->billing_models;
    if (std::find(models.begin(), models.end(), order.billing.model) == models.end())
        return unsupported(profile,
                           fmt::format("{} does not bill by {}", profile.name, word(order.billing.model)),
                           "/billing/model");
    if (order.bandwidth_mbps < product->min_mbps || order.bandwidth_mbps > product->max_mbps)
        return unsupported(
            profile,
            fmt::format("{} sells from {} to {} Mbit/s", profile.name, product->min_mbps, product->max_mbps),
            "/bandwidth_mbps");
    return product;
}

Failure unknown_provider(std::string_view provider) {
    return {.slug = Slug::not_found, .detail = fmt::format("no provider is named {}", provider)};
}

}  // namespace

Result<void> Fleet::check(std::string_view provider, const Order& order) const {
    const auto* known = profile(provider);
    if (!known) return unknown_provider(provider);
    auto product = selling(*known, order, Action::create);
    if (!product) return std::move(product).failure();
    if (auto refusal = find(provider)->refusal(order)) return *std::move(refusal);
    return {};
}

Result<void> Fleet::check(const BandwidthId& id, Action action) const {
    const auto* known = profile(id.provider);
    if (!known) return unknown_provider(id.provider);
    const auto* product = known->product(id.ref.product);
    if (!product) return Failure{.slug = Slug::not_found, .detail = "no such bandwidth"};
    if (!product->can(action))
        return unsupported(
            *known, fmt::format("{} cannot {} its {} product", known->name, word(action), product->product));
    return {};
}

Result<void> Fleet::check(std::string_view provider, const Wish& wish) const {
    if (const auto* resize = std::get_if<PriceOfResize>(&wish))
        return check(BandwidthId{std::string(provider), resize->ref}, Action::quote_resize);
    const auto* known = profile(provider);
    if (!known) return unknown_provider(provider);
    auto product = selling(*known, std::get<Order>(wish), Action::quote);
    if (!product) return std::move(product).failure();
    return {};
}

}  // namespace bwgw::fleet
