#pragma once

#include <soci/soci.h>

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "gateway/ledger/operation.h"

namespace bwgw::ledger {

/// One column of a row that is written or looked for. Must outlive the statement that it is bound to.
struct Column {
    const char* name;
    std::variant<std::string, long long> value;
    soci::indicator indicator = soci::i_ok;
    bool changes = true;  ///< false: written once, when the operation begins
};

using Columns = std::deque<Column>;

/// An operation as columns of `operations`, its fence left out.
Columns columns_of(const Operation& operation);

/// Runs one statement with each column bound to `:name`; text becomes what every engine takes: no NUL, and
/// U+FFFD for what is not UTF-8. The number of rows it changed.
long long run(soci::session& sql, const std::string& query, Columns columns);

/// Whether a query for a number finds one, columns bound likewise.
bool any(soci::session& sql, const std::string& query, Columns columns);

/// The operations that a query finds, columns bound likewise.
std::vector<Operation> rows(soci::session& sql, const std::string& query, Columns columns);

/// The one operation whose columns equal these.
std::optional<Operation> one(soci::session& sql, Columns columns);

}  // namespace bwgw::ledger

namespace soci {

/// An operation read from a row of `operations`, by column name. Never bound for writing.
template <>
struct type_conversion<bwgw::ledger::Operation> {
    using base_type = values;
    static void from_base(const values& row, indicator, bwgw::ledger::Operation& operation);
};

}  // namespace soci
