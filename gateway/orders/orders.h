#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "gateway/fleet/fleet.h"
#include "gateway/ledger/ledger.h"
#include "gateway/loop/wait.h"
#include "gateway/orders/desk.h"
#include "providers/contract/money.h"

namespace bwgw::orders {

struct Asked;

/// How long the write path waits for what. All are settings.
struct Pace {
    std::chrono::milliseconds write_deadline{
        90'000};  ///< one vendor write; at least 75 s: a vendor says "timed out" after 60
    std::chrono::milliseconds read_deadline{30'000};  ///< one listing of the write path
    std::chrono::milliseconds settle_window{
        180'000};  ///< how long a send may take to show: above `write_deadline`, the vendor's own time limit
                   ///< and its visibility delay
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

/// Purchases to be added to what listings show; `problem` says why some may be missing.
struct Bought {
    std::vector<fleet::Entry> entries;
    std::optional<Failure> problem = {};
};

/// The write path: durable intent, one send, observation (product.md, "Buying, exactly"). One per worker; all
/// share the desk. A write goes on when its caller leaves, and is taken over when its process dies.
class Orders {
public:
    Orders(loop::Loop& loop, Desk desk, fleet::Fleet& fleet, Pace pace);

    /// Fails only if nothing was begun: key reused or in flight, lock held, ledger down. What happened after
    /// that stands in the operation, its problem included.
    Task<Placement> buy(const RequestContext& context, std::string provider, Order order, Intake intake);
    /// `current` is the row as just read; a rename keeps its marker.
    Task<Placement> change(const RequestContext& context, fleet::Entry current, Change change, Intake intake);
    Task<Placement> release(const RequestContext& context, fleet::Entry current, Intake intake);

    Task<ledger::Operation> find(std::string operation_id);
    Task<std::vector<ledger::Operation>> list(ledger::OperationFilter filter);
    /// Whether a write would be durable, as of the last try: `unavailable` if not.
    Result<void> ready() const;

    /// A person's word on an operation in needs_attention, or on one that is open past its settle window;
    /// `native_id` is what a purchase that was applied bought, and a complete listing must show it. Conflict
    /// if the operation is not waiting for one.
    Task<ledger::Operation> resolve(const RequestContext& context, ledger::Operation operation, bool applied,
                                    std::string native_id);

    /// Bought, but not shown by a listing yet, as the ledger says after this was asked: reads add them. Those
    /// who ask while the ledger answers share the next answer. Never fails.
    Task<Bought> unlisted();
    /// Blocking, before anything is served: what was bought before the start.
    Result<void> restore();

    /// Takes over what nobody drives: looks whether it ran. Again and again, on the background worker; it
    /// ends once they are taken over, which is before they are decided.
    Task<void> attend();
    /// Observation ends where it stands; the ledger keeps what is open. On the worker's own thread.
    void stop() { stopping_.request_stop(); }

private:
    struct Flight;
    struct Question;
    using FlightPtr = std::shared_ptr<Flight>;
    using QuestionPtr = std::shared_ptr<Question>;
    /// A provider that did not answer: until then nobody asks it, and then one flight does for all.
    struct Rest {
        loop::Clock::time_point until;
        std::chrono::milliseconds span;
    };

    // orders.cpp: from a request to a durable operation, and back to an answer
    ledger::Operation new_operation(ledger::OperationType type, const RequestContext& context,
                                    std::string provider, const Intake& intake) const;
    Task<Placement> begin(const RequestContext& context, ledger::Operation operation, const Intake& intake,
                          std::function<Task<void>(FlightPtr)> write);
    Task<Placement> replay(const RequestContext& context, ledger::Operation operation);
    Task<void> purchase_settled(std::string provider, ResourceRef ref);
    QuestionPtr question();
    Task<void> ask_unlisted(std::optional<std::uint64_t> ticket);

    // steps.cpp: what every write does
    Task<void> record(FlightPtr flight);
    Task<void> record_surely(FlightPtr flight);
    Task<bool> regain(FlightPtr flight);
    Task<bool> intend(FlightPtr flight);
    Task<void> fail(FlightPtr flight, Failure problem);
    Task<void> settle(FlightPtr flight);
    Task<void> give_up(FlightPtr flight);
    Task<void> withdraw(FlightPtr flight);
    Task<void> take_back(FlightPtr flight);
    Task<void> within_price(const RequestContext& context, std::string provider, Wish wish,
                            std::optional<Money> max_price);
    void take_reply(Flight& flight, Result<Receipt> reply);

    // looking.cpp: when to look, and for how long
    bool window_closed(const Flight& flight) const;
    bool looked_enough(const Flight& flight) const;
    void answered(const std::string& provider, const Failure* problem);
    Task<bool> pause(FlightPtr flight);
    RequestContext reading(const Flight& flight) const;
    RequestContext writing(const Flight& flight) const;
    ledger::Timestamp now() const;

    // purchase.cpp and amend.cpp: one write each, from the accepted operation to its end
    Task<void> purchase(FlightPtr flight, Order order, std::optional<Money> max_price);
    Task<bool> send_purchase(FlightPtr flight, Order order);
    Task<bool> send_again(FlightPtr flight, Asked asked);
    Task<void> observe_purchase(FlightPtr flight);
    Task<void> shown(FlightPtr flight, Order order, Bandwidth row);
    Task<void> amend(FlightPtr flight, Change change, std::optional<Money> max_price);
    Task<void> observe_change(FlightPtr flight);
    Task<void> give_back(FlightPtr flight);
    Task<void> observe_release(FlightPtr flight);

    // attend.cpp: what an earlier driver left
    void drive(ledger::Operation claimed);
    Task<void> take_over(FlightPtr flight);

    loop::Loop& loop_;
    Desk desk_;
    fleet::Fleet& fleet_;
    Pace pace_;
    std::map<std::string, Rest> resting_;
    QuestionPtr asking_;  ///< the ledger, for purchases that no listing shows
    QuestionPtr next_;    ///< … and once it has answered
    std::size_t taking_back_ = 0;
    std::vector<ledger::Operation> unsure_;  ///< claimed, perhaps: the answer was lost
    std::stop_source stopping_;
};

}  // namespace bwgw::orders
