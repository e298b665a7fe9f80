#include "providers/sandbox/settings.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

extern "C" const char embedded_sandbox_yaml[];
extern "C" const char embedded_sandbox_yaml_end[];

namespace bwgw::sandbox {

namespace {

/// Reads the members of one mapping; what nobody asked for is a mistake.
class Members {
public:
    Members(const YAML::Node& node, std::string where) : node_(node), where_(std::move(where)) {
        if (!node_.IsMap()) refuse("a mapping expected");
    }

    template <class T>
    void read(const char* name, T& into, bool required = false) {
        known_.insert(name);
        const auto member = node_[name];
        if (!member) {
            if (required) refuse(fmt::format("{} is missing", name));
            return;
        }
        try {
            into = member.template as<T>();
        } catch (const YAML::Exception&) {
            refuse(fmt::format("{} has the wrong type", name));
        }
    }

    template <class Read>
    void each(const char* name, Read read) {
        known_.insert(name);
        const auto list = node_[name];
        if (!list) return;
        if (!list.IsSequence()) refuse(fmt::format("{}: a list expected", name));
        for (std::size_t i = 0; i < list.size(); ++i)
            read(list[i], fmt::format("{}.{}[{}]", where_, name, i));
    }

    /// Every member that read() and each() did not name.
    template <class Read>
    void rest(Read read) const {
        for (const auto& member : node_) {
            const auto name = member.first.as<std::string>();
            if (!known_.contains(name)) read(name, member.second);
        }
    }

    [[noreturn]] void refuse(const std::string& complaint) const {
        throw std::runtime_error(fmt::format("{}: {}", where_, complaint));
    }
    void refuse_others() const {
        rest(
            [this](const std::string& name, const YAML::Node&) { refuse(fmt::format("{}: unknown", name)); });
    }

private:
    YAML::Node node_;
    std::string where_;
    std::set<std::string> known_;
};

std::vector<Region> default_regions(const std::string& family) {
    if (family == "zenlayer") {
        return {{"asia-east-1", "hkg"},
                {"asia-southeast-1", "sin"},
                {"europe-west-1", "fra"},
                {"na-west-1", "lax"}};
    }
    return {{"hk", ""}, {"sg", ""}, {"us-ca", ""}, {"jpn-tky", ""}, {"ge-fra", ""}};
}

Region read_region(const YAML::Node& node, const std::string& where) {
    if (node.IsScalar()) return {node.as<std::string>(), ""};
    Region region;
    Members members(node, where);
    members.read("id", region.id, true);
    members.read("city", region.city);
    members.refuse_others();
    return region;
}

Network read_network(const YAML::Node& node, const std::string& where) {
    Network network;
    Members members(node, where);
    members.read("id", network.id, true);
    network.name = network.id;
    members.read("name", network.name);
    members.read("regions", network.regions, true);
    members.refuse_others();
    return network;
}

Eip read_eip(const YAML::Node& node, const std::string& where) {
    Eip eip;
    Members members(node, where);
    members.read("id", eip.id, true);
    members.read("region", eip.region, true);
    members.read("ip", eip.ip);
    members.read("bound", eip.bound);
    members.refuse_others();
    return eip;
}

void read_ucloud(Members& members, BrandSettings& brand) {
    members.read("public_key", brand.public_key, true);
    members.read("private_key", brand.private_key, true);
    members.read("project", brand.project, true);
    members.read("products", brand.products, true);
    for (const auto& product : brand.products) {
        if (!one_of(product, "legacy|simple|eip")) members.refuse("products: legacy, simple or eip expected");
    }
    members.each("ugns", [&](const YAML::Node& node, const std::string& at) {
        brand.networks.push_back(read_network(node, at));
    });
    members.each("eips", [&](const YAML::Node& node, const std::string& at) {
        brand.eips.push_back(read_eip(node, at));
    });
}

void read_zenlayer(Members& members, BrandSettings& brand) {
    brand.behaviour.max_bandwidth = 100'000;  // none is published
    members.read("access_key_id", brand.access_key_id, true);
    members.read("access_key_password", brand.access_key_password, true);
    members.read("bearer_token", brand.bearer_token);
    members.each("vpcs", [&](const YAML::Node& node, const std::string& at) {
        brand.networks.push_back(read_network(node, at));
    });
}

void check_regions(const Members& members, const BrandSettings& brand) {
    const auto known = [&](const std::string& id) {
        return std::ranges::find(brand.regions, id, &Region::id) != brand.regions.end();
    };
    for (const auto& network : brand.networks) {
        for (const auto& region : network.regions) {
            if (!known(region)) members.refuse(fmt::format("{}: unknown region {}", network.id, region));
        }
    }
    for (const auto& eip : brand.eips) {
        if (!known(eip.region)) members.refuse(fmt::format("{}: unknown region {}", eip.id, eip.region));
    }
}

BrandSettings read_brand(const YAML::Node& node, const std::string& where) {
    BrandSettings brand;
    Members members(node, where);
    members.read("name", brand.name, true);
    members.read("family", brand.family, true);
    members.read("port", brand.port);
    members.read("unsold_actions", brand.unsold_actions);
    members.each("regions", [&](const YAML::Node& region, const std::string& at) {
        brand.regions.push_back(read_region(region, at));
    });
    if (brand.regions.empty()) brand.regions = default_regions(brand.family);
    if (brand.family == "ucloud") {
        read_ucloud(members, brand);
    } else if (brand.family == "zenlayer") {
        read_zenlayer(members, brand);
    } else {
        members.refuse("family: ucloud or zenlayer expected");
    }
    members.rest([&](const std::string& name, const YAML::Node& value) {
        const auto text = value.IsScalar() ? value.Scalar() : std::string{};
        if (const auto complaint = set_knob(brand.behaviour, name, text)) members.refuse(*complaint);
    });
    check_regions(members, brand);
    return brand;
}

}  // namespace

Settings parse_settings(const std::string& yaml) {
    YAML::Node root;
    try {
        root = YAML::Load(yaml);
    } catch (const YAML::Exception& error) {
        throw std::runtime_error(fmt::format("settings: {}", error.what()));
    }
    Settings settings;
    Members members(root, "settings");
    std::string control = "127.0.0.1:0";
    members.read("control", control);
    const auto colon = control.rfind(':');
    settings.address = control.substr(0, colon);
    if (colon == std::string::npos || !settings.address.starts_with("127.")) {
        members.refuse("control: a loopback address and a port expected, like 127.0.0.1:19100");
    }
    try {
        settings.control_port = YAML::Load(control.substr(colon + 1)).as<std::uint16_t>();
    } catch (const YAML::Exception&) {
        members.refuse("control: the port is not a number from 0 to 65535");
    }
    members.each("brands", [&](const YAML::Node& node, const std::string& where) {
        settings.brands.push_back(read_brand(node, where));
        const auto& name = settings.brands.back().name;
        if (std::ranges::count(settings.brands, name, &BrandSettings::name) > 1) {
            members.refuse(fmt::format("brands: {} is there twice", name));
        }
    });
    members.refuse_others();
    if (settings.brands.empty()) members.refuse("brands: at least one expected");
    return settings;
}

std::string default_settings() {
    return {static_cast<const char*>(embedded_sandbox_yaml),
            static_cast<const char*>(embedded_sandbox_yaml_end)};
}

}  // namespace bwgw::sandbox
