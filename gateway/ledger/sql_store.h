#pragma once

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "gateway/ledger/engine.h"
#include "gateway/ledger/ledger.h"

namespace bwgw::ledger {

/// The failure of a store that cannot be used.
Failure unavailable(Outcome outcome);

/// What the parts of one database share: its engine, and how its faults become failures.
class SqlStore {
public:
    SqlStore(std::shared_ptr<Engine> engine, Report report)
        : engine_(std::move(engine)), report_(std::move(report)) {}

protected:
    template <class Work>
    auto writing(Work work) -> std::invoke_result_t<Work&, soci::session&> {
        return guarded<std::invoke_result_t<Work&, soci::session&>>([&](auto& result) {
            engine_->write([&](soci::session& sql) { return bool(result.emplace(work(sql))); });
        });
    }

    template <class Work>
    auto reading(Work work) -> std::invoke_result_t<Work&, soci::session&> {
        return guarded<std::invoke_result_t<Work&, soci::session&>>(
            [&](auto& result) { engine_->read([&](soci::session& sql) { result.emplace(work(sql)); }); });
    }

    bool commits_late() const noexcept { return engine_->commits_late(); }

private:
    template <class Answer, class Call>
    Answer guarded(Call call) {
        try {
            std::optional<Answer> result;
            call(result);
            return std::move(*result);
        } catch (const CommitUnknown&) {
            report_(fault());
            return unavailable(Outcome::unknown);
        } catch (const std::exception&) {
            report_(fault());
        }
        return unavailable(Outcome::none);
    }

    std::shared_ptr<Engine> engine_;
    Report report_;
};

}  // namespace bwgw::ledger
