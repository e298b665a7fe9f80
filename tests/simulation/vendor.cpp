#include "tests/simulation/vendor.h"

#include <algorithm>

namespace bwgw::simulation {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_days kEpoch{std::chrono::year{2026} / 1 / 1};  // as the loops have it

// The clients order other sizes: a stranger's link is never what a vendor without markers was asked for.
const std::vector<std::int64_t> kStrangersSizes{7, 11, 13};

}  // namespace

const std::vector<Ends>& pairs() {
    static const std::vector<Ends> kPairs{{"hk", "sg"}, {"fra", "lon"}, {"tyo", "sel"}};
    return kPairs;
}

Account::Account(Stage& stage, std::string name, PurchaseSafety safety)
    : stage_(stage),
      safety_(safety),
      clock_error_(
          std::chrono::floor<std::chrono::seconds>(stage.chance.between(-kVendorClock, kVendorClock))) {
    profile_ = {std::move(name),
                "simulated",
                {{kProduct,
                  Kind::inter_region,
                  {Action::create, Action::list, Action::resize, Action::release},
                  {BillingModel::fixed},
                  1,
                  1000,
                  safety}}};
    if (safety_ == PurchaseSafety::natural_key) return;
    auto& free = rows_.emplace_back();
    free.shown.ref = {kProduct, kNetwork, profile_.name + "-free"};
    free.shown.kind = Kind::inter_region_default;
    free.shown.network_id = kNetwork;
    free.shown.ends = pairs().front();
    free.shown.state = State::active;
    free.shown.bandwidth = Mbps{5};
}

const Account::Row* Account::row(const std::string& native_id) const {
    const auto found = std::find_if(rows_.begin(), rows_.end(),
                                    [&](const Row& row) { return row.shown.ref.native_id == native_id; });
    return found == rows_.end() ? nullptr : &*found;
}

Account::Row* Account::held(const Ends& ends) {
    const auto found = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) {
        return row.shown.kind == Kind::inter_region && row.shown.state != State::failed &&
               row.gone_from == Time::max() && same_pair(*row.shown.ends, ends);
    });
    return found == rows_.end() ? nullptr : &*found;
}

Account::Row& Account::add(const Order& order, const std::string& operation) {
    auto& row = rows_.emplace_back();
    auto& shown = row.shown;
    shown.ref = {kProduct, order.network_id, fmt::format("{}-{}", name(), ++last_)};
    shown.network_id = order.network_id;
    shown.ends = stage_.chance.percent(50) ? order.ends : Ends{order.ends.b, order.ends.a};
    shown.state = State::active;
    shown.created_at = std::chrono::floor<std::chrono::seconds>(kEpoch + stage_.now()) + clock_error_;
    shown.billing.model = order.billing.model;
    if (safety_ != PurchaseSafety::none) {
        shown.name = order.name;
        shown.marker = order.marker;
    }
    row.operation = operation;
    const bool hidden = (operation.empty() || !stage_.faults.healed) && stage_.chance.percent(50);
    row.visible_from = stage_.now() + (hidden ? stage_.chance.between(0s, kHiddenAtMost) : Time{0});
    row.sizes.emplace_back(stage_.now(), order.bandwidth_mbps);
    return row;
}

Result<Receipt> Account::create(const Order& order, const std::string& operation, bool provides) {
    if (safety_ == PurchaseSafety::natural_key && held(order.ends)) {
        stage_.line("{} refuses {}: the pair is held", name(), operation);
        stage_.record.met(Met::refused_as_held);
        if (stage_.oracle.sends_of(operation) > 1) stage_.record.met(Met::resend_refused);
        return Failure{.slug = Slug::already_exists, .detail = "the pair is held"};
    }
    auto& ours = add(order, operation);
    const auto native_id = ours.shown.ref.native_id;
    if (!provides) {
        ours.shown.state = State::failed;
        stage_.record.met(Met::provided_nothing);
        stage_.oracle.took(operation, native_id);
        stage_.line("{} takes the order of {} as {} and provides nothing", name(), operation, native_id);
    } else {
        stage_.oracle.executed(operation, native_id);
        // Not shown for longer than the settle window: only here may it be sent again, and only here is a
        // second send harmless.
        if (safety_ == PurchaseSafety::natural_key && stage_.bad(60)) {
            stage_.record.met(Met::hidden_too_long);
            ours.visible_from =
                stage_.now() + stage_.chance.between(kPace.settle_window, 2 * kPace.settle_window);
        }
        stage_.line("{} EXECUTES the purchase of {} as {}, shown from {:.3f}", name(), operation, native_id,
                    static_cast<double>(ours.visible_from.count()) / 1e6);
        if (safety_ == PurchaseSafety::none && stage_.bad(100)) {
            const auto visible = stage_.chance.percent(50) ? stage_.now() : ours.visible_from;
            auto& twin = add(order, "");
            twin.visible_from = visible;
            stage_.record.met(Met::ambiguous_twin);
            stage_.line("a stranger buys the same as {}", twin.shown.ref.native_id);
        }
    }
    return Receipt{safety_ == PurchaseSafety::marker ? "" : native_id, "order-" + native_id, "request"};
}

Result<Receipt> Account::change(const ResourceRef& ref, const Change& change, const std::string& operation) {
    auto* row = const_cast<Row*>(this->row(ref.native_id));
    if (!row || row->gone_from != Time::max())
        return Failure{.slug = Slug::not_found, .detail = "no such link"};
    const auto mbps = std::get<Resize>(change).bandwidth_mbps;
    const Time shows = stage_.faults.healed ? Time{0} : stage_.chance.between(0s, kHiddenAtMost);
    row->sizes.emplace_back(stage_.now() + shows, mbps);
    stage_.line("{} EXECUTES the change of {} by {} to {}", name(), ref.native_id, operation, mbps);
    stage_.oracle.executed(operation, "");
    return Receipt{"", "", "request"};
}

Result<Receipt> Account::release(const ResourceRef& ref, const std::string& operation) {
    auto* row = const_cast<Row*>(this->row(ref.native_id));
    if (!row || row->gone_from != Time::max())
        return Failure{.slug = Slug::not_found, .detail = "no such link"};
    stage_.line("{} EXECUTES the release of {} by {}", name(), ref.native_id, operation);
    stage_.oracle.executed(operation, "");
    let_go(*row);
    return Receipt{"", "", "request"};
}

void Account::let_go(Row& row) {
    if (!row.recycled && stage_.bad(200)) {
        row.recycled = true;
        return;
    }
    row.gone_from = stage_.now();
    row.vanishes_from =
        stage_.now() + (stage_.faults.healed ? Time{0} : stage_.chance.between(0s, kHiddenAtMost));
}

Listing Account::list(const Query& query) {
    Listing listing;
    for (auto& row : rows_) {
        if (row.visible_from > stage_.now() || row.vanishes_from <= stage_.now()) continue;
        const auto& ids = query.native_ids;
        if (!ids.empty() && std::find(ids.begin(), ids.end(), row.shown.ref.native_id) == ids.end()) continue;
        row.listed = true;
        auto& shown = listing.items.emplace_back(row.shown);
        if (row.recycled) shown.state = State::recycled;
        if (row.gone_from != Time::max()) shown.state = State::deleting;
        for (const auto& [from, mbps] : row.sizes)
            if (from <= stage_.now()) shown.bandwidth = Mbps::of(mbps);
    }
    return listing;
}

void Account::stranger_buys() {
    Order order;
    order.network_id = kNetwork;
    order.ends = stage_.chance.pick(pairs());
    order.bandwidth_mbps = stage_.chance.pick(kStrangersSizes);
    order.billing.model = BillingModel::fixed;
    if (safety_ == PurchaseSafety::natural_key && held(order.ends)) return;
    const auto& row = add(order, "");
    stage_.record.met(Met::stranger_bought);
    stage_.line("a stranger buys {} on {}-{}", row.shown.ref.native_id, order.ends.a, order.ends.b);
}

void Account::stranger_releases() {
    for (auto& row : rows_) {
        if (row.gone_from != Time::max() || row.shown.kind != Kind::inter_region) continue;
        const bool ours = !row.operation.empty();
        if (ours && stage_.oracle.durable(row.operation).state != ledger::OperationState::settled) continue;
        if (!stage_.chance.percent(40)) continue;
        stage_.record.met(Met::stranger_released);
        stage_.line("a stranger releases {}", row.shown.ref.native_id);
        let_go(row);
        return;
    }
}

}  // namespace bwgw::simulation
