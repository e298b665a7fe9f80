#pragma once

#include <soci/soci.h>

#include <deque>
#include <string>
#include <variant>

#include "gateway/ledger/operation.h"

namespace bwgw::ledger {

/// One column of a row that is written. Must outlive the statement that it is bound to.
struct Column {
    const char* name;
    std::variant<std::string, long long> value;
    soci::indicator indicator = soci::i_ok;
    bool changes = true;  ///< false: written once, when the operation begins
};

/// An operation as columns of `operations`, its revision left out.
std::deque<Column> columns_of(const Operation& operation);

/// Binds a column to `:name`.
void bind(soci::statement& statement, Column& column);

}  // namespace bwgw::ledger

namespace soci {

/// An operation read from a row of `operations`, by column name. Never bound for writing.
template <>
struct type_conversion<bwgw::ledger::Operation> {
    using base_type = values;
    static void from_base(const values& row, indicator, bwgw::ledger::Operation& operation);
};

}  // namespace soci
