// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "mappers/contract.h"

namespace chipcast::fixed {

/// The mapping that the user gives (MappingOptions::given), whole or in part: operators that it leaves out go where
/// they finish first. Throws InputError where none is given, or where it does not fit the network and the platform.
std::unique_ptr<Mapper> make_mapper();

}  // namespace chipcast::fixed
