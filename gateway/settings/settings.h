#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "providers/catalog.h"
#include "providers/contract/region.h"

namespace bwgw::settings {

using std::chrono::milliseconds;

/// Where callers are served, and within which bounds (gateway/edge/limits.h says what each bound is for).
struct Edge {
    std::string address = "127.0.0.1";
    std::uint16_t port = 8080;
    std::size_t workers = 1;
    std::size_t max_head_bytes = 16'384;
    std::size_t max_target_bytes = 8'192;
    std::size_t max_headers = 100;
    std::size_t max_body_bytes = 65'536;
    std::size_t max_connections = 10'000;
    std::size_t max_connections_per_address = 4'096;
    milliseconds head{5'000};
    milliseconds body{15'000};
    milliseconds handler{150'000};
    milliseconds write{15'000};
    milliseconds idle{60'000};
    milliseconds linger{1'000};
    milliseconds drain{25'000};  ///< after SIGTERM, for what is in flight
};

/// How long a vendor may take, and how an ambiguous outcome is looked for.
struct Pace {
    milliseconds read{10'000};   ///< one request that only reads, and one vendor call of any reading
    milliseconds write{90'000};  ///< one vendor write
    milliseconds settle_window{180'000};
    milliseconds poll_first{500};
    milliseconds poll_most{10'000};
    milliseconds clock_slack{300'000};
    milliseconds lease{15'000};  ///< how long a gateway that says nothing is still taken for alive
};

/// When an account is asked no more for a while.
struct Breaker {
    int faults = 5;  ///< in a row
    milliseconds open_first{1'000};
    milliseconds open_most{30'000};
};

/// How fresh what is read without asking a vendor is kept.
struct Inventory {
    milliseconds refresh_least{10'000};  ///< between two readings of an account that changes …
    milliseconds refresh_most{60'000};   ///< … and of one that does not
    milliseconds deadline{900'000};      ///< of one reading, however many calls it takes
    milliseconds stale_after{180'000};   ///< what was read longer ago is called stale
};

/// One configured account.
struct Account {
    std::string name;
    std::string family;
    std::string ca_file;  ///< a private CA; empty: the system's
    milliseconds connect_timeout{5'000};
    std::size_t max_reply_bytes = 8'388'608;
    CallLimits limits;
    Breaker breaker;
    std::optional<milliseconds> read_deadline;   ///< absent: Pace::read
    std::optional<milliseconds> write_deadline;  ///< absent: Pace::write
    MakeProvider make;
    std::vector<Region> regions;  ///< the crosswalk's rows of this account
};

struct Settings {
    Edge edge;
    Pace pace;
    Inventory inventory;
    std::string ledger;
    bool debug_log = false;
    double log_sample = 1;  ///< the share of ordinary requests to log
    std::vector<Account> accounts;
};

/// Reads a settings file (deploy/settings.example.yaml is one with comments). All mistakes are found at once;
/// the settings are only to be used if there are none.
Settings load(const std::string& file, SettingsErrors& errors);

}  // namespace bwgw::settings
