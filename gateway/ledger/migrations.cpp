#include "gateway/ledger/migrations.h"

#include <fmt/format.h>

#include <array>
#include <stdexcept>
#include <string_view>

extern "C" const char embedded_schema_0001[];
extern "C" const char embedded_schema_0001_end[];
extern "C" const char embedded_schema_0002[];
extern "C" const char embedded_schema_0002_end[];
extern "C" const char embedded_schema_0003[];
extern "C" const char embedded_schema_0003_end[];
extern "C" const char embedded_schema_0004[];
extern "C" const char embedded_schema_0004_end[];

namespace bwgw::ledger {
namespace {

// SOCI runs one statement at a time. The schema files have no semicolon but those that end a statement.
void run_script(soci::session& sql, std::string_view script) {
    for (std::size_t end = 0; (end = script.find(";\n")) != std::string_view::npos;
         script.remove_prefix(end + 2))
        sql << std::string(script.substr(0, end));
}

}  // namespace

void migrate(soci::session& sql) {
    const std::array versions = {std::string_view(embedded_schema_0001, embedded_schema_0001_end),
                                 std::string_view(embedded_schema_0002, embedded_schema_0002_end),
                                 std::string_view(embedded_schema_0003, embedded_schema_0003_end),
                                 std::string_view(embedded_schema_0004, embedded_schema_0004_end)};
    sql << "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)";
    long long version = 0;
    sql << "SELECT COALESCE(MAX(version), 0) FROM schema_version", soci::into(version);
    if (version > static_cast<long long>(versions.size()))
        throw std::runtime_error(
            fmt::format("the ledger has schema version {}, this gateway knows {}", version, versions.size()));
    for (auto next = static_cast<std::size_t>(version); next < versions.size(); ++next) {
        run_script(sql, versions.at(next));
        sql << fmt::format("INSERT INTO schema_version (version) VALUES ({})", next + 1);
    }
}

}  // namespace bwgw::ledger
