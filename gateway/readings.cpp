#include "gateway/readings.h"

#include "gateway/telemetry/owned.h"

namespace bwgw {
namespace {

using telemetry::Reading;
using telemetry::Sample;
using Samples = std::vector<Sample>;

std::optional<double> number(const std::optional<Mbps>& value) {
    return value ? std::optional(static_cast<double>(value->kbps) / 1000) : std::nullopt;
}

telemetry::Owned owned(const std::string& provider, const inventory::Row& row) {
    const bool boost = row.kind() == Kind::eip_boost;
    return {.id = row.id(),
            .provider = provider,
            .kind = word(row.kind()),
            .name = row.name(),
            .network_id = row.network_id(),
            .region_a = boost ? row.region() : row.region_a(),
            .region_b = row.region_b(),
            .state = word(row.state()),
            .billing_model = word(row.billing_model()),
            .payment = word(row.payment()),
            .purchased_mbps = number(row.bandwidth()),
            .burst_mbps = number(row.burst()),
            .created_at = row.created_at(),
            .expires_at = row.expires_at()};
}

// The free default packages are nobody's purchase.
std::vector<telemetry::Owned> owned_of(const inventory::Snapshot& snapshot) {
    std::vector<telemetry::Owned> all;
    for (const auto& account : snapshot.accounts())
        for (const auto* rows : {account->rows.get(), &account->unlisted})
            for (const auto& row : *rows)
                if (row->kind() != Kind::inter_region_default) all.push_back(owned(account->provider, *row));
    return all;
}

Samples of_accounts(const inventory::Snapshot& snapshot,
                    const std::function<std::optional<double>(const inventory::Account&)>& value) {
    Samples samples;
    for (const auto& account : snapshot.accounts())
        if (const auto known = value(*account)) samples.push_back({*known, {account->provider}});
    return samples;
}

std::optional<double> age(const inventory::Account& account) {
    if (!account.as_of) return std::nullopt;
    return std::chrono::duration<double>(std::chrono::system_clock::now() - *account.as_of).count();
}

Samples refreshes(const inventory::Refresher& refresher) {
    Samples samples;
    for (const auto& [provider, whole, partial, failed] : refresher.counts()) {
        samples.push_back({static_cast<double>(whole), {provider, "whole"}});
        samples.push_back({static_cast<double>(partial), {provider, "partial"}});
        samples.push_back({static_cast<double>(failed), {provider, "failed"}});
    }
    return samples;
}

// One reading of the guards, sampled by `add` for each account and verb.
auto of_guards(const fleet::Guards& guards, void (*add)(Samples&, const fleet::GuardReading&)) {
    return [&guards, add] {
        Samples samples;
        for (const auto& reading : guards.read()) add(samples, reading);
        return samples;
    };
}

void breaker_states(Samples& samples, const fleet::GuardReading& guard) {
    for (const auto state :
         {fleet::BreakerState::closed, fleet::BreakerState::open, fleet::BreakerState::half_open})
        samples.push_back({guard.breaker.state == state ? 1.0 : 0.0,
                           {guard.provider, std::string(guard.verb), std::string(word(state))}});
}

void refusals(Samples& samples, const fleet::GuardReading& guard) {
    const auto add = [&](std::uint64_t count, const char* reason) {
        samples.push_back({static_cast<double>(count), {guard.provider, std::string(guard.verb), reason}});
    };
    add(guard.gate.refused_rate, "rate");
    add(guard.gate.refused_queue, "queue");
    add(guard.refused_breaker, "breaker");
}

template <auto Value>
void by_verb(Samples& samples, const fleet::GuardReading& guard) {
    samples.push_back({static_cast<double>(Value(guard)), {guard.provider, std::string(guard.verb)}});
}

// What an account has once stands on its reads.
template <auto Value>
void of_reads(Samples& samples, const fleet::GuardReading& guard) {
    if (guard.verb == word(fleet::Verb::read))
        samples.push_back({static_cast<double>(Value(guard)), {guard.provider}});
}

void feed_guards(telemetry::Metrics& metrics, const fleet::Guards& guards) {
    using Guard = fleet::GuardReading;
    metrics.feed(Reading::breaker_state, of_guards(guards, breaker_states));
    metrics.feed(Reading::upstream_refused, of_guards(guards, refusals));
    metrics.feed(Reading::upstream_in_flight,
                 of_guards(guards, by_verb<[](const Guard& guard) { return guard.gate.in_flight; }>));
    metrics.feed(Reading::upstream_queued,
                 of_guards(guards, by_verb<[](const Guard& guard) { return guard.gate.queued; }>));
    metrics.feed(Reading::upstream_retries,
                 of_guards(guards, of_reads<[](const Guard& guard) { return guard.retries; }>));
    metrics.feed(Reading::upstream_retry_budget,
                 of_guards(guards, of_reads<[](const Guard& guard) { return guard.retry_budget; }>));
}

void feed_inventory(telemetry::Metrics& metrics, const inventory::Inventory& inventory,
                    const inventory::Refresher& refresher) {
    using inventory::Account;
    metrics.feed(Reading::inventory_age, [&] { return of_accounts(*inventory.snapshot(), age); });
    metrics.feed(Reading::inventory_complete, [&] {
        return of_accounts(*inventory.snapshot(), [](const Account& account) {
            return std::optional(account.as_of && !account.problem ? 1.0 : 0.0);
        });
    });
    metrics.feed(Reading::inventory_bandwidths, [&] {
        return of_accounts(*inventory.snapshot(), [](const Account& account) {
            return std::optional(static_cast<double>(account.rows->size() + account.unlisted.size()));
        });
    });
    metrics.feed(Reading::inventory_refreshes, [&] { return refreshes(refresher); });
    metrics.feed(Reading::owned_purchased,
                 [&] { return telemetry::owned_sums(owned_of(*inventory.snapshot())).purchased; });
    metrics.feed(Reading::owned_bandwidths,
                 [&] { return telemetry::owned_sums(owned_of(*inventory.snapshot())).bandwidths; });
}

}  // namespace

void feed(telemetry::Metrics& metrics, const Owners& owners) {
    const auto one = [&](Reading reading, auto read) {
        metrics.feed(reading, [read] { return Samples{{static_cast<double>(read())}}; });
    };
    const auto count = [&](Reading reading, std::uint64_t edge::Stats::*member) {
        one(reading, [&server = owners.server, member] { return server.stats().*member; });
    };
    count(Reading::http_connections, &edge::Stats::connections_open);
    count(Reading::http_connections_accepted, &edge::Stats::connections_accepted);
    count(Reading::http_refused, &edge::Stats::refused_framing);
    count(Reading::http_timed_out, &edge::Stats::timed_out);
    count(Reading::http_abandoned, &edge::Stats::abandoned);
    metrics.feed(Reading::operations, [&open = owners.open] { return open.by_state(); });
    metrics.feed(Reading::operation_oldest_unknown_age,
                 [&open = owners.open] { return open.oldest_unknown_age(); });
    one(Reading::operations_taken_over, [&tally = owners.desk.tally] { return tally.taken_over.load(); });
    one(Reading::purchases_sent_again, [&tally = owners.desk.tally] { return tally.sent_again.load(); });
    one(Reading::ledger_up, [&lease = owners.desk.lease] { return lease.ledger_works() ? 1 : 0; });
    one(Reading::log_lines_dropped, [&log = owners.log] { return log.dropped(); });
    one(Reading::log_lines_sampled_out, [&log = owners.log] { return log.sampled_out(); });
    feed_guards(metrics, owners.guards);
    feed_inventory(metrics, owners.inventory, owners.refresher);
}

std::string owned_text(const inventory::Snapshot& snapshot) {
    return telemetry::owned_text(owned_of(snapshot));
}

}  // namespace bwgw
