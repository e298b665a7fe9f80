#include "gateway/settings/settings.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace bwgw::settings {
namespace {

using namespace std::chrono_literals;

constexpr auto kProvider = R"(
providers:
  - name: scloud-sg
    family: ucloud
    endpoint: https://api.scloudsg.com/
    credentials: {public_key: {env: BWGW_TEST_KEY}, private_key: {env: BWGW_TEST_KEY}}
    project: org-demo
    inter_region: legacy
    eip_boost: true
    networks: []
    price: {currency: USD, unit: 0.01}
  - name: zenlayer
    family: zenlayer
    endpoint: https://console.zenlayer.com
    credentials: {access_key_id: {env: BWGW_TEST_KEY}, access_key_password: {env: BWGW_TEST_KEY}}
)";

class Load : public testing::Test {
protected:
    Load()
        : file_(std::filesystem::temp_directory_path() / ("settings-" + std::to_string(getpid()) + ".yaml")) {
        setenv("BWGW_TEST_KEY", "s3cret", 1);
    }
    ~Load() override { std::filesystem::remove(file_); }

    Settings load_text(const std::string& yaml) {
        std::ofstream(file_) << yaml;
        errors_.items.clear();
        return load(file_.string(), errors_);
    }
    /// How many of the mistakes begin with this path.
    long mistakes(const std::string& path) const {
        return std::count_if(errors_.items.begin(), errors_.items.end(),
                             [&](const auto& item) { return item.starts_with(path + ":"); });
    }

    std::filesystem::path file_;
    SettingsErrors errors_;
};

TEST_F(Load, TakesTheShapeThatTheProductGives) {
    const auto settings =
        load_text(std::string("listen: 127.0.0.1:8080\nledger: sqlite:/tmp/ledger.db\n") + kProvider);
    EXPECT_TRUE(errors_.items.empty()) << errors_.items.front();
    EXPECT_EQ(settings.edge.address, "127.0.0.1");
    EXPECT_EQ(settings.edge.port, 8080);
    EXPECT_EQ(settings.edge.drain, 25s);
    ASSERT_EQ(settings.accounts.size(), 2U);
    EXPECT_EQ(settings.accounts[0].name, "scloud-sg");
    EXPECT_TRUE(settings.accounts[0].make);
    EXPECT_FALSE(settings.accounts[0].regions.empty()) << "the shipped crosswalk of the family";
    EXPECT_TRUE(settings.accounts[1].regions.empty()) << "Zenlayer says its own";
}

TEST_F(Load, ReportsAllMistakesAtOnceEachByItsPath) {
    load_text(R"(
listen: 0.0.0.0:8080
drain: soon
colour: blue
deadlines: {write: 10s}
edge: {head: 0s, max_heads: 3}
purchase: {poll_first: 10s, poll_most: 1s}
inventory: {refresh_least: 10s, refresh_most: 1s, deadline: 0s, age: 1s}
providers:
  - name: Bad Name
    family: ucloud
    endpoint: http://api.scloudsg.com/
    credentials: {public_key: in-the-file, private_key: {env: BWGW_TEST_KEY}}
    inter_region: legacy
  - name: x
    family: telepathy
)");
    for (const auto* path :
         {"listen", "drain", "colour", "ledger", "edge.head", "edge.max_heads", "purchase.poll_most",
          "inventory.refresh_most", "inventory.deadline", "inventory.age", "providers[0].name",
          "providers[0].endpoint", "providers[0].credentials.public_key", "providers[0].project",
          "providers[1].family", "deadlines.write"})
        EXPECT_EQ(mistakes(path), 1) << path;
}

TEST_F(Load, RefusesToServeStrangersUnlessToldTo) {
    const std::string rest = std::string("ledger: sqlite:/tmp/l.db\n") + kProvider;
    for (const auto* listen : {"0.0.0.0:80", "'[::]:80'", "10.0.0.1:80"}) {
        load_text(std::string("listen: ") + listen + "\n" + rest);
        EXPECT_EQ(mistakes("listen"), 1) << listen;
        load_text(std::string("allow_unauthenticated: true\nlisten: ") + listen + "\n" + rest);
        EXPECT_TRUE(errors_.items.empty()) << listen;
    }
    for (const auto* listen : {"127.0.0.1:0", "'[::1]:80'", "127.1.2.3:80"}) {
        load_text(std::string("listen: ") + listen + "\n" + rest);
        EXPECT_TRUE(errors_.items.empty()) << listen;
    }
    for (const auto* listen : {"localhost:80", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:8x", "':80'"}) {
        load_text(std::string("listen: ") + listen + "\n" + rest);
        EXPECT_EQ(mistakes("listen"), 1) << listen;
    }
}

TEST_F(Load, KeepsTheWriteDeadlineAboveTheVendorsOwnUnlessAllVendorsAreOnLoopback) {
    const std::string head = "ledger: sqlite:/tmp/l.db\ndeadlines: {write: 2s}\n";
    load_text(head + kProvider);
    EXPECT_EQ(mistakes("deadlines.write"), 1);
    const auto vendor_at = [&](const std::string& endpoint) {
        load_text(head + "providers: [{name: z, family: zenlayer, endpoint: '" + endpoint +
                  "', credentials: {token: {env: BWGW_TEST_KEY}}}]\n");
    };
    for (const auto* here :
         {"http://127.0.0.1:1", "http://localhost/a", "https://127.9.9.9", "https://[::1]:1/a"}) {
        vendor_at(here);
        EXPECT_TRUE(errors_.items.empty()) << here;
    }
    for (const auto* elsewhere :
         {"https://127.0.0.1.example.com", "https://localhost.example.com", "https://[::2]"}) {
        vendor_at(elsewhere);
        EXPECT_EQ(mistakes("deadlines.write"), 1) << elsewhere;
    }
}

TEST_F(Load, TakesAShareOfTheLogFromNothingToAll) {
    const std::string rest = std::string("ledger: sqlite:/tmp/l.db\n") + kProvider;
    EXPECT_EQ(load_text(rest).log_sample, 1);
    EXPECT_EQ(load_text("log_sample: 0.25\n" + rest).log_sample, 0.25);
    EXPECT_EQ(load_text("log_sample: 0\n" + rest).log_sample, 0);
    EXPECT_TRUE(errors_.items.empty());
    for (const auto* wrong : {"-0.1", "1.01", "10%", "all", "nan", "''"}) {
        load_text(std::string("log_sample: ") + wrong + "\n" + rest);
        EXPECT_EQ(mistakes("log_sample"), 1) << wrong;
    }
}

TEST_F(Load, TakesAnAccountsOwnLimitsBreakerAndDeadlinesOverItsFamilys) {
    const auto text = [](const std::string& more) {
        return "ledger: sqlite:/tmp/l.db\nproviders:\n  - {name: z, family: zenlayer, endpoint: "
               "'https://console.zenlayer.com', credentials: {token: {env: BWGW_TEST_KEY}}" +
               more + "}\n";
    };
    const auto plain = load_text(text("")).accounts.at(0);
    EXPECT_TRUE(errors_.items.empty());
    EXPECT_EQ(plain.limits.reads_per_second, limits_of("zenlayer").reads_per_second);
    EXPECT_EQ(plain.limits.concurrent_writes, 4);
    EXPECT_FALSE(plain.read_deadline || plain.write_deadline);

    const auto own =
        load_text(text(", limits: {reads_per_second: 9, queue: 0}, breaker: {faults: 3, open_first: 2s},"
                       " deadlines: {read: 3s, write: 80s}"))
            .accounts.at(0);
    EXPECT_TRUE(errors_.items.empty());
    EXPECT_EQ(own.limits.reads_per_second, 9);
    EXPECT_EQ(own.limits.queue, 0);
    EXPECT_EQ(own.limits.writes_per_second, plain.limits.writes_per_second);
    EXPECT_EQ(own.breaker.faults, 3);
    EXPECT_EQ(own.breaker.open_first, 2s);
    EXPECT_EQ(own.read_deadline, 3s);
    EXPECT_EQ(own.write_deadline, 80s);

    load_text(
        text(", limits: {reads_per_second: 0, per_minute: 3}, breaker: {open_first: 10s, open_most: 1s}"));
    for (const auto* path : {"limits.reads_per_second", "limits.per_minute", "breaker.open_most"})
        EXPECT_EQ(mistakes(std::string("providers[0].") + path), 1) << path;
    for (const auto* write : {"10s", "200s"}) {  // below what a vendor takes, above the settle window
        load_text(text(std::string(", deadlines: {write: ") + write + "}"));
        EXPECT_EQ(mistakes("providers[0].deadlines.write"), 1) << write;
    }
}

TEST_F(Load, RefusesTwoProvidersOfOneName) {
    load_text(R"(
ledger: sqlite:/tmp/l.db
providers:
  - &a {name: z, family: zenlayer, endpoint: "http://127.0.0.1:1", credentials: {token: {env: BWGW_TEST_KEY}}}
  - *a
)");
    EXPECT_EQ(mistakes("providers[1].name"), 1);
}

TEST_F(Load, AddsAndReplacesRegionsOfOneProvider) {
    const auto settings = load_text(R"(
ledger: sqlite:/tmp/l.db
providers:
  - name: z
    family: zenlayer
    endpoint: http://127.0.0.1:1
    credentials: {token: {env: BWGW_TEST_KEY}}
    regions: [{code: asia-east-1, metro: hkg, name: Hong Kong}, {code: q, metro: HKG}]
)");
    EXPECT_EQ(mistakes("providers[0].regions[1].metro"), 1);
    ASSERT_EQ(settings.accounts[0].regions.size(), 2U);
    EXPECT_EQ(settings.accounts[0].regions[0].metro, "hkg");
}

TEST_F(Load, NeverRepeatsASecretInAMistake) {
    load_text(R"(
ledger: sqlite:/tmp/l.db
providers:
  - {name: z, family: zenlayer, endpoint: "https://user:s3cret@x", credentials: {token: s3cret}}
)");
    EXPECT_FALSE(errors_.items.empty());
    for (const auto& item : errors_.items) EXPECT_EQ(item.find("s3cret"), std::string::npos) << item;
}

TEST_F(Load, SaysWhereAFileIsNotYaml) {
    load_text("a: [1\nb: {");
    ASSERT_EQ(errors_.items.size(), 1U);
    EXPECT_NE(errors_.items[0].find(file_.string() + ":"), std::string::npos);
    errors_.items.clear();
    load("/no/such/settings.yaml", errors_);
    EXPECT_EQ(errors_.items.size(), 1U);
}

}  // namespace
}  // namespace bwgw::settings
