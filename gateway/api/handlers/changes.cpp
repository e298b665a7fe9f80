#include "gateway/api/handlers/answers.h"
#include "gateway/api/handlers/handlers.h"
#include "gateway/api/order.h"

namespace bwgw::api {
namespace {

bool in_force(const Change& change, const Bandwidth& row) {
    if (const auto* rename = std::get_if<Rename>(&change)) return row.name == rename->name;
    const auto& resize = std::get<Resize>(change);
    return row.bandwidth == Mbps::of(resize.bandwidth_mbps) &&
           (!resize.burst_mbps || row.burst == Mbps::of(*resize.burst_mbps));
}

bool settled(const orders::Placement& placement) {
    return placement.operation.state == ledger::OperationState::settled;
}

Failure is_free() {
    return {.slug = Slug::unsupported,
            .detail = "The free default package comes and goes with its regions; it cannot be written."};
}

// The id's provider and product can do this; an id that says nothing is found out by reading it.
Result<void> check_action(const Environment& environment, const Call& call, Action action) {
    const auto id = BandwidthId::parse(call.text("id").value_or(""));
    return id ? environment.fleet.check(*id, action) : Result<void>();
}

}  // namespace

Task<http::Response> change_bandwidth(const Environment& environment, const RequestContext& context,
                                      Call call) {
    auto patch = read_patch(*call.body);
    if (!patch) co_return std::move(patch).failure();
    if (auto able = check_action(environment, call, patch->name ? Action::rename : Action::resize); !able)
        co_return std::move(able).failure();
    auto current = co_await read_one(environment, context, call.text("id").value_or(""));
    if (!current) co_return std::move(current).failure();
    if (current->bandwidth.kind == Kind::inter_region_default) co_return is_free();
    if (auto same = check_match(environment, call, *current); !same) co_return std::move(same).failure();
    auto change = change_of(*patch, current->bandwidth);
    if (!change) co_return std::move(change).failure();
    if (in_force(*change, current->bandwidth)) co_return bandwidth_answer(environment, *current);

    auto intake = intake_of(call, "changeBandwidth", patch->max_price);
    const auto write = writing(environment, context, intake.wait);
    auto placed =
        co_await environment.orders.change(write, std::move(*current), std::move(*change), std::move(intake));
    if (!placed) co_return std::move(placed).failure();
    std::optional<http::Response> changed;
    if (settled(*placed) && placed->observed) changed = bandwidth_answer(environment, *placed->observed);
    co_return write_answer(environment, context, *placed, std::move(changed));
}

Task<http::Response> release_bandwidth(const Environment& environment, const RequestContext& context,
                                       Call call) {
    if (auto able = check_action(environment, call, Action::release); !able)
        co_return std::move(able).failure();
    auto current = co_await read_one(environment, context, call.text("id").value_or(""));
    if (!current) co_return std::move(current).failure();
    if (current->bandwidth.kind == Kind::inter_region_default) co_return is_free();
    if (auto same = check_match(environment, call, *current); !same) co_return std::move(same).failure();

    auto intake = intake_of(call, "releaseBandwidth", std::nullopt);
    const auto write = writing(environment, context, intake.wait);
    auto placed = co_await environment.orders.release(write, std::move(*current), std::move(intake));
    if (!placed) co_return std::move(placed).failure();
    std::optional<http::Response> released;
    if (settled(*placed)) released = http::Response{.status = 204, .headers = {}, .body = ""};
    co_return write_answer(environment, context, *placed, std::move(released));
}

}  // namespace bwgw::api
