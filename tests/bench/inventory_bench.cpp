// What the inventory costs: memory over the rows' own text, a page of 50 however many rows there are, and the
// merge of a listing that brings nothing new.
#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>

#include "gateway/api/views.h"
#include "gateway/inventory/inventory.h"

namespace {

using namespace bwgw;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 200;

inventory::Sight now() {
    return {Clock::now(), std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now())};
}

std::size_t in_use() {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

Listing listing_of(int rows) {
    Listing listing;
    for (int i = 0; i < rows; ++i) {
        Bandwidth row;
        row.ref = {"crb", "1100000000000000001", fmt::format("12000000000{:08}", i)};
        row.name = fmt::format("link-{}", i);
        row.network_id = row.ref.scope;
        row.ends = Ends{"asia-east-1", "europe-west-1"};
        row.bandwidth = Mbps::of(20);
        row.burst = Mbps::of(200);
        row.billing.model = BillingModel::percentile_95;
        row.state = State::active;
        row.created_at = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        row.provider_details = R"({"chargeType":"POSTPAID","resourceGroupId":"rg-1"})";
        listing.items.push_back(std::move(row));
    }
    return listing;
}

template <class Call>
double median_us(Call call) {
    std::vector<double> times;
    for (int i = 0; i < kRounds; ++i) {
        const auto began = Clock::now();
        call();
        times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - began).count());
    }
    std::ranges::nth_element(times, times.begin() + kRounds / 2);
    return times[kRounds / 2];
}

void measure(int rows) {
    const fleet::Crosswalk crosswalk({});
    const auto listing = listing_of(rows);
    const auto before = in_use();
    inventory::Inventory inventory({"zenlayer"}, [&](const std::string& provider, const Bandwidth& row) {
        return api::bandwidth_json(crosswalk, {provider, row});
    });
    auto began = Clock::now();
    inventory.saw("zenlayer", {}, now(), listing);
    const std::chrono::duration<double, std::milli> first = Clock::now() - began;
    (void)inventory.take_changes("zenlayer");
    inventory.sweep();
    const auto used = in_use() - before;
    std::size_t text = 0;
    const auto snapshot = inventory.snapshot();
    const auto& all = *snapshot->accounts()[0]->rows;
    for (const auto& row : all) text += row->json().size();
    began = Clock::now();
    inventory.saw("zenlayer", {}, now(), listing);
    const std::chrono::duration<double, std::milli> again = Clock::now() - began;

    const std::string middle(all[all.size() / 2]->id());
    const auto page = median_us([&] { (void)snapshot->page({}, middle, 50); });
    const auto missed = median_us([&] { (void)snapshot->page({.name = "nobody"}, "", 50); });
    const auto one = median_us([&] { (void)snapshot->find(middle); });
    fmt::print(
        "{:>7} rows: {:.0f} B of text each, {:.0f} B over it; first merge {:.0f} ms, unchanged {:.0f} ms; "
        "page of 50 {:.2f} us, worst filter {:.0f} us, by id {:.2f} us\n",
        rows, static_cast<double>(text) / rows, static_cast<double>(used - text) / rows, first.count(),
        again.count(), page, missed, one);
}

}  // namespace

int main() {
    for (const int rows : {1'000, 100'000}) measure(rows);
}
