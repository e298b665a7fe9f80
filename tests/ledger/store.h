#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/ledger/ledger.h"

namespace bwgw::ledger {

enum class StoreKind : std::uint8_t { sqlite, postgres };

/// A fresh database of its own for one test, on either engine; gone with it.
class Database {
public:
    virtual ~Database() = default;
    /// As open_ledger takes it.
    virtual std::string url() const = 0;
    /// Runs statements behind the ledger's back.
    virtual void run(const std::string& script) = 0;
};

std::unique_ptr<Database> fresh_store(StoreKind kind);

/// Any report of a fault fails the test.
std::unique_ptr<Ledger> open(const std::string& url);
/// For tests in which faults are the point.
std::unique_ptr<Ledger> open_quietly(const std::string& url);

/// A new purchase in its first state; empty means none.
Operation purchase(const std::string& key, const std::string& lock);

/// Runs `work(i)` on so many threads at once.
void at_once(int threads, const std::function<void(int)>& work);

/// A test that runs on either engine, with one ledger open.
class OnEachEngine : public testing::TestWithParam<StoreKind> {
protected:
    /// Stores the operation in a state, with what it has otherwise.
    void put(Operation operation, OperationState state) {
        ASSERT_TRUE(ledger_->accept(operation));
        operation.state = state;
        ASSERT_TRUE(ledger_->record(operation));
    }

    std::unique_ptr<Database> store_ = fresh_store(GetParam());
    std::unique_ptr<Ledger> ledger_ = open(store_->url());
};

/// Judges a suite on both engines.
#define ON_EACH_ENGINE(suite)                                                    \
    INSTANTIATE_TEST_SUITE_P(Sqlite, suite, testing::Values(StoreKind::sqlite)); \
    INSTANTIATE_TEST_SUITE_P(Postgres, suite, testing::Values(StoreKind::postgres))

/// The text of a schema file.
std::string schema(const std::string& file);

}  // namespace bwgw::ledger
