#include "providers/contract/settings_reader.h"

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>

namespace bwgw {
namespace {

using namespace std::chrono_literals;

class Reader : public testing::Test {
protected:
    SettingsReader read(const std::string& yaml) { return {YAML::Load(yaml), "x", errors}; }
    std::string only_error() {
        return errors.items.size() == 1 ? errors.items.front() : std::to_string(errors.items.size());
    }
    SettingsErrors errors;
};

TEST_F(Reader, NamesEveryMistakeByItsPathAndGoesOn) {
    auto reader = read("{a: [1], c: soon, e: many, typo: 1, list: [{n: 1}, {m: 2}]}");
    reader.text("a");
    reader.text("missing");
    reader.duration("c", 0ms, 10s, 1s);
    EXPECT_EQ(reader.integer("e", 1, 5, 3), 3);
    for (auto& item : reader.sections("list")) {
        item.integer("n", 1, 5, 1);
        item.finish();
    }
    reader.finish();
    std::string all;
    for (const auto& item : errors.items) all += item + "\n";
    for (const auto* path : {"x.a:", "x.missing: is required", "x.c:", "x.e:",
                             "x.typo: is not a known setting", "x.list[1].m: is not a known setting"})
        EXPECT_NE(all.find(path), std::string::npos) << path << " in\n" << all;
}

TEST_F(Reader, TakesSecretsByReferenceOnly) {
    setenv("BWGW_TEST_SECRET", "s3cret", 1);
    EXPECT_EQ(read("k: {env: BWGW_TEST_SECRET}").secret("k").reveal(), "s3cret");
    EXPECT_TRUE(errors.items.empty());
    read("k: s3cret").secret("k");
    EXPECT_NE(only_error().find("never written here"), std::string::npos);
    EXPECT_EQ(only_error().find("s3cret"), std::string::npos);
    for (const auto* yaml : {"k: {env: NOT_SET_ANYWHERE}", "k: {file: /no/such/file}", "k: {env: A, file: B}",
                             "k: {}", "j: 1"}) {
        errors.items.clear();
        read(yaml).secret("k");
        EXPECT_EQ(errors.items.size(), 1U) << yaml;
    }
}

TEST_F(Reader, LetsPlainHttpGoToLoopbackOnly) {
    for (const auto* url : {"https://api.scloudsg.com/", "https://api.x:8443", "http://127.0.0.1:19101/",
                            "http://localhost", "http://[::1]:8080/", "http://127.8.9.1"})
        read(std::string("u: '") + url + "'").endpoint("u");
    EXPECT_TRUE(errors.items.empty());
    for (const auto* url : {"http://api.scloudsg.com/", "http://127.0.0.1.evil.com", "http://10.0.0.1",
                            "ftp://x/", "https://u:p@x/", "https://x/?q=1", "https://x/#f", "x",
                            "http://127.0.0.1@evil.com/", "https://x:99999999"}) {
        errors.items.clear();
        read(std::string("u: '") + url + "'").endpoint("u");
        EXPECT_EQ(errors.items.size(), 1U) << url;
    }
}

TEST_F(Reader, ReadsDurationsWithTheirUnit) {
    auto reader = read("{a: 250ms, b: 10s, c: 5m, d: 1h, e: 5, f: -1s, g: 20s, h: 99999999999999999999s}");
    EXPECT_EQ(reader.duration("a", 0ms, 2h, 0ms), 250ms);
    EXPECT_EQ(reader.duration("b", 0ms, 2h, 0ms), 10s);
    EXPECT_EQ(reader.duration("c", 0ms, 2h, 0ms), 5min);
    EXPECT_EQ(reader.duration("d", 0ms, 2h, 0ms), 1h);
    EXPECT_EQ(reader.duration("absent", 0ms, 2h, 7ms), 7ms);
    EXPECT_TRUE(errors.items.empty());
    reader.duration("e", 0ms, 2h, 0ms);
    reader.duration("f", 0ms, 2h, 0ms);
    reader.duration("g", 0ms, 10s, 0ms);
    reader.duration("h", 0ms, 10s, 0ms);
    EXPECT_EQ(errors.items.size(), 4U);
}

}  // namespace
}  // namespace bwgw
