#include "gateway/ledger/sql_operation.h"

#include <fmt/format.h>
#include <rapidjson/encodings.h>
#include <rapidjson/memorystream.h>

#include <stdexcept>

namespace bwgw::ledger {
namespace {

// Native ids hold no line break: they are one word in every vendor's documents.
constexpr char kBetween = '\n';

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += word + kBetween;
    return text;
}

Column once(const char* name, std::optional<std::string> value) {
    return {name, value.value_or(""), value ? soci::i_ok : soci::i_null, false};
}

Column text(const char* name, std::string value) {
    return {name, std::move(value)};
}

Column text(const char* name, std::optional<std::string> value) {
    return {name, value.value_or(""), value ? soci::i_ok : soci::i_null};
}

long long since_epoch(Timestamp at) {
    return at.time_since_epoch().count();
}

std::string clean(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        rapidjson::MemoryStream stream(text.data() + at, text.size() - at);
        unsigned codepoint = 0;
        if (rapidjson::UTF8<>::Decode(stream, &codepoint) && codepoint != 0) {
            result.append(text, at, stream.Tell());
            at += stream.Tell();
        } else {
            result += "\xEF\xBF\xBD";
            ++at;
        }
    }
    return result;
}

// Whether it found a row.
bool execute(soci::statement& statement, const std::string& query, Columns& columns) {
    for (auto& column : columns) {
        if (auto* text = std::get_if<std::string>(&column.value)) *text = clean(*text);
        std::visit(
            [&](const auto& value) { statement.exchange(soci::use(value, column.indicator, column.name)); },
            column.value);
    }
    statement.alloc();
    statement.prepare(query, soci::details::st_one_time_query);
    statement.define_and_bind();
    return statement.execute(true);
}

}  // namespace

Columns columns_of(const Operation& operation) {
    const auto& problem = operation.problem;
    const auto vendor = problem ? problem->provider_error : std::nullopt;
    const auto of_problem = [&](std::string value) {
        return problem ? std::optional(std::move(value)) : std::nullopt;
    };
    const auto of_vendor = [&](std::string ProviderError::*member) {
        return vendor ? std::optional((*vendor).*member) : std::nullopt;
    };
    Columns columns = {
        once("id", operation.id),
        once("type", std::string(word(operation.type))),
        once("provider", operation.provider),
        once("principal", operation.principal),
        once("fingerprint", operation.fingerprint),
        once("request", operation.request),
        once("product", operation.target.product),
        once("scope", operation.target.scope),
        once("marker", operation.marker),
        once("end_a", operation.ends.a),
        once("end_b", operation.ends.b),
        once("owner", operation.owner),
        once("idempotency_key", operation.idempotency_key),
        once("lock_key", operation.lock_key),
        {"created_at", since_epoch(operation.created_at), soci::i_ok, false},
        text("state", std::string(word(operation.state))),
        text("outcome", std::string(bwgw::word(operation.outcome))),
        text("native_id", operation.target.native_id),
        text("baseline", joined(operation.baseline)),
        text("order_number", operation.order_number),
        text("provider_request_id", operation.provider_request_id),
        text("problem_slug", of_problem(problem ? std::string(bwgw::word(problem->slug)) : "")),
        text("problem_detail", of_problem(problem ? problem->detail : "")),
        text("problem_bandwidth_id", of_problem(problem ? problem->bandwidth_id : "")),
        {"problem_retryable", static_cast<long long>(problem && problem->retryable),
         problem ? soci::i_ok : soci::i_null},
        text("problem_code", of_vendor(&ProviderError::code)),
        text("problem_message", of_vendor(&ProviderError::message)),
        text("problem_request_id", of_vendor(&ProviderError::request_id)),
        {"attempts", static_cast<long long>(operation.attempts)},
        {"updated_at", since_epoch(operation.updated_at)},
        {"sent_at", since_epoch(operation.sent_at.value_or(Timestamp{})),
         operation.sent_at ? soci::i_ok : soci::i_null},
    };
    return columns;
}

long long run(soci::session& sql, const std::string& query, Columns columns) {
    soci::statement statement(sql);
    execute(statement, query, columns);
    return statement.get_affected_rows();
}

bool any(soci::session& sql, const std::string& query, Columns columns) {
    int found = 0;
    soci::statement statement(sql);
    statement.exchange(soci::into(found));
    return execute(statement, query, columns);
}

std::vector<Operation> rows(soci::session& sql, const std::string& query, Columns columns) {
    Operation row;
    soci::statement statement(sql);
    statement.exchange(soci::into(row));
    std::vector<Operation> found;
    for (bool more = execute(statement, query, columns); more; more = statement.fetch()) found.push_back(row);
    return found;
}

std::optional<Operation> one(soci::session& sql, Columns columns) {
    std::string query = "SELECT * FROM operations WHERE 1 = 1";
    for (const auto& column : columns) query += fmt::format(" AND {0} = :{0}", column.name);
    auto found = rows(sql, query, std::move(columns));
    if (found.empty()) return std::nullopt;
    return std::move(found.front());
}

}  // namespace bwgw::ledger

namespace soci {
namespace {

using bwgw::Failure;
using bwgw::ledger::Operation;
using bwgw::ledger::Timestamp;

std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> words;
    for (std::size_t from = 0, to = 0; (to = text.find(bwgw::ledger::kBetween, from)) != std::string::npos;
         from = to + 1)
        words.push_back(text.substr(from, to - from));
    return words;
}

std::optional<std::string> optional_text(const values& row, const char* column) {
    if (row.get_indicator(column) == i_null) return std::nullopt;
    return row.get<std::string>(column);
}

template <class T>
T known(std::optional<T> value) {
    if (!value) throw std::runtime_error("the ledger holds a word that this version does not know");
    return *value;
}

Timestamp timestamp(long long milliseconds) {
    return Timestamp(std::chrono::milliseconds(milliseconds));
}

std::optional<Failure> problem_of(const values& row, bwgw::Outcome outcome, const std::string& provider) {
    const auto slug = optional_text(row, "problem_slug");
    if (!slug) return std::nullopt;
    Failure failure{.slug = known(bwgw::slug_of(*slug)),
                    .detail = optional_text(row, "problem_detail").value_or("")};
    failure.outcome = outcome;
    failure.retryable = row.get<long long>("problem_retryable", 0) != 0;
    failure.provider = provider;
    failure.bandwidth_id = optional_text(row, "problem_bandwidth_id").value_or("");
    if (const auto code = optional_text(row, "problem_code"))
        failure.provider_error =
            bwgw::ProviderError{*code, optional_text(row, "problem_message").value_or(""),
                                optional_text(row, "problem_request_id").value_or("")};
    return failure;
}

}  // namespace

void type_conversion<Operation>::from_base(const values& row, indicator, Operation& operation) {
    operation.id = row.get<std::string>("id");
    operation.type = known(bwgw::ledger::operation_type_of(row.get<std::string>("type")));
    operation.provider = row.get<std::string>("provider");
    operation.state = known(bwgw::ledger::operation_state_of(row.get<std::string>("state")));
    operation.outcome = known(bwgw::outcome_of(row.get<std::string>("outcome")));
    operation.principal = row.get<std::string>("principal");
    operation.idempotency_key = optional_text(row, "idempotency_key");
    operation.fingerprint = row.get<std::string>("fingerprint");
    operation.request = row.get<std::string>("request");
    operation.lock_key = optional_text(row, "lock_key");
    operation.target = {row.get<std::string>("product"), row.get<std::string>("scope"),
                        row.get<std::string>("native_id")};
    operation.marker = row.get<std::string>("marker");
    operation.ends = {row.get<std::string>("end_a"), row.get<std::string>("end_b")};
    operation.baseline = split(row.get<std::string>("baseline"));
    operation.order_number = row.get<std::string>("order_number");
    operation.provider_request_id = row.get<std::string>("provider_request_id");
    operation.problem = problem_of(row, operation.outcome, operation.provider);
    operation.attempts = static_cast<int>(row.get<long long>("attempts"));
    operation.created_at = timestamp(row.get<long long>("created_at"));
    operation.updated_at = timestamp(row.get<long long>("updated_at"));
    operation.sent_at = row.get_indicator("sent_at") == i_null
                            ? std::nullopt
                            : std::optional(timestamp(row.get<long long>("sent_at")));
    operation.owner = row.get<std::string>("owner");
    operation.fence = row.get<long long>("fence");
}

}  // namespace soci
