#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "gateway/fleet/fleet.h"
#include "gateway/ledger/ledger.h"
#include "gateway/loop/blocking.h"
#include "gateway/loop/wait.h"
#include "providers/contract/money.h"

namespace bwgw::orders {

/// How long the write path waits for what. All are settings.
struct Pace {
    std::chrono::milliseconds write_deadline{
        90'000};  ///< one vendor write; at least 75 s: a vendor says "timed out" after 60
    std::chrono::milliseconds read_deadline{30'000};  ///< one listing of the write path
    std::chrono::milliseconds settle_window{
        180'000};  ///< how long an outcome is looked for; above the vendors' visibility delay
    std::chrono::milliseconds poll_first{500};    ///< between looks: doubled each time …
    std::chrono::milliseconds poll_most{10'000};  ///< … up to this
    std::chrono::seconds clock_slack{300};  ///< the vendor's clock against ours, when a row's age is judged
};

/// Who asks for a write, and what exactly.
struct Intake {
    std::optional<std::string> idempotency_key;
    std::string fingerprint;  ///< SHA-256 hex of the canonical request
    std::string request;      ///< canonical JSON, kept in the operation
    std::optional<Money> max_price;
    std::chrono::milliseconds wait;  ///< bounds the answer, never the write; 0 answers at once
};

/// Where a write stands when it is time to answer.
struct Placement {
    ledger::Operation operation;
    bool replayed = false;  ///< the idempotency key's earlier operation
    std::optional<fleet::Entry> observed =
        {};  ///< the row as last listed, or as ordered until a listing shows it
};

/// The write path: durable intent, one send, observation (product.md, "Buying, exactly"). One per worker; all
/// share the ledger. A write goes on when its caller leaves, and is taken up again at the next start.
class Orders {
public:
    Orders(loop::Loop& loop, loop::BlockingPool& pool, ledger::Ledger& ledger, fleet::Fleet& fleet,
           Pace pace);

    /// Fails only if nothing was begun: key reused or in flight, lock held, ledger down. What happened after
    /// that stands in the operation, its problem included.
    Task<Placement> buy(const RequestContext& context, std::string provider, Order order, Intake intake);
    /// `current` is the row as just read; a rename keeps its marker.
    Task<Placement> change(const RequestContext& context, fleet::Entry current, Change change, Intake intake);
    Task<Placement> release(const RequestContext& context, fleet::Entry current, Intake intake);

    Task<ledger::Operation> find(std::string operation_id);
    Task<std::vector<ledger::Operation>> list(ledger::OperationFilter filter);
    /// All that have not ended.
    Task<std::vector<ledger::Operation>> open();
    /// Whether a write would be durable now.
    Task<void> ready();

    /// A person's word on an operation in needs_attention; `native_id` is what a purchase that was applied
    /// bought, and a complete listing must show it. Conflict if the operation is not waiting for one.
    Task<ledger::Operation> resolve(const RequestContext& context, ledger::Operation operation, bool applied,
                                    std::string native_id);

    /// Bought, but not shown by a listing yet: reads add them.
    Task<std::vector<fleet::Entry>> unlisted();

    /// Takes up what an earlier run left open: nothing is sent, only observed. Once, on the background
    /// worker.
    Task<void> resume();
    /// Observation ends where it stands; the ledger keeps what is open. On the worker's own thread.
    void stop() { stopping_.request_stop(); }

private:
    struct Flight;
    using FlightPtr = std::shared_ptr<Flight>;

    // orders.cpp: from a request to a durable operation, and back to an answer
    Task<Placement> begin(const RequestContext& context, ledger::Operation operation, const Intake& intake,
                          std::function<Task<void>(FlightPtr)> write);
    Task<Placement> replay(const RequestContext& context, ledger::Operation operation);
    Task<void> purchase_settled(std::string bandwidth_id);

    // steps.cpp: what every write does
    Task<void> record(FlightPtr flight);
    Task<void> record_surely(FlightPtr flight);
    Task<bool> intend(FlightPtr flight);
    Task<void> fail(FlightPtr flight, Failure problem);
    Task<void> settle(FlightPtr flight);
    Task<void> give_up(FlightPtr flight);
    void take_reply(Flight& flight, Result<Receipt> reply);
    Task<bool> pause(Flight& flight);
    Task<void> within_price(const RequestContext& context, std::string provider, Wish wish,
                            std::optional<Money> max_price);
    RequestContext reading(const Flight& flight) const;
    RequestContext writing(const Flight& flight) const;

    // purchase.cpp and amend.cpp: one write each, from the accepted operation to its end
    Task<void> purchase(FlightPtr flight, Order order, std::optional<Money> max_price);
    Task<void> observe_purchase(FlightPtr flight);
    Task<void> shown(FlightPtr flight, Order order, Bandwidth row);
    Task<void> amend(FlightPtr flight, Change change, std::optional<Money> max_price);
    Task<void> observe_change(FlightPtr flight);
    Task<void> give_back(FlightPtr flight);
    Task<void> observe_release(FlightPtr flight);

    loop::Loop& loop_;
    loop::BlockingPool& pool_;
    ledger::Ledger& ledger_;
    fleet::Fleet& fleet_;
    Pace pace_;
    const ledger::Timestamp begun_;  ///< what was accepted before is an earlier run's
    std::stop_source stopping_;
};

}  // namespace bwgw::orders
