#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "providers/sandbox/behaviour.h"

namespace bwgw::sandbox {

struct Region {
    std::string id;
    std::string city;  // zenlayer only: DescribeZones.cityCode
};

/// A UGN or a VPC, with a network in each of its regions.
struct Network {
    std::string id;
    std::string name;
    std::vector<std::string> regions;
};

struct Eip {
    std::string id;
    std::string region;
    std::string ip = "203.0.113.9";
    bool bound = true;
};

/// One emulated account of one brand.
struct BrandSettings {
    std::string name;
    std::string family;  // ucloud or zenlayer
    std::uint16_t port = 0;
    std::string public_key, private_key, project;
    std::vector<std::string> products;        // of legacy, simple, eip: actions of the others answer 161
    std::vector<std::string> unsold_actions;  // these answer as unknown actions
    std::vector<Eip> eips;
    std::string access_key_id, access_key_password, bearer_token;
    std::vector<Region> regions;
    std::vector<Network> networks;
    Behaviour behaviour;
};

struct Settings {
    std::string address = "127.0.0.1";
    std::uint16_t control_port = 0;
    std::vector<BrandSettings> brands;
};

/// Throws std::runtime_error naming the first wrong member.
Settings parse_settings(const std::string& yaml);

/// The text of the shipped sandbox.yaml.
std::string default_settings();

}  // namespace bwgw::sandbox
