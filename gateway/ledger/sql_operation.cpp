#include "gateway/ledger/sql_operation.h"

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

Column once(const char* name, std::string value) {
    return {name, std::move(value), soci::i_ok, false};
}

Column text(const char* name, std::string value) {
    return {name, std::move(value)};
}

Column text(const char* name, std::optional<std::string> value) {
    return {name, value.value_or(""), value ? soci::i_ok : soci::i_null};
}

Column time(const char* name, std::optional<Timestamp> at) {
    return {name, static_cast<long long>(at ? at->time_since_epoch().count() : 0),
            at ? soci::i_ok : soci::i_null};
}

}  // namespace

std::deque<Column> columns_of(const Operation& operation) {
    const auto& problem = operation.problem;
    const auto vendor = problem ? problem->provider_error : std::nullopt;
    const auto of_problem = [&](std::string value) {
        return problem ? std::optional(std::move(value)) : std::nullopt;
    };
    const auto of_vendor = [&](std::string ProviderError::*member) {
        return vendor ? std::optional((*vendor).*member) : std::nullopt;
    };
    std::deque<Column> columns = {
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
        text("state", std::string(word(operation.state))),
        text("outcome", std::string(bwgw::word(operation.outcome))),
        text("idempotency_key", operation.idempotency_key),
        text("lock_key", operation.lock_key),
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
        time("created_at", operation.created_at),
        time("updated_at", operation.updated_at),
        time("sent_at", operation.sent_at),
    };
    return columns;
}

void bind(soci::statement& statement, Column& column) {
    std::visit(
        [&](const auto& value) { statement.exchange(soci::use(value, column.indicator, column.name)); },
        column.value);
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
    operation.revision = row.get<long long>("revision");
}

}  // namespace soci
