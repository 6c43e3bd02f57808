// The secrets that privacy_calls sends, each known by a word of its own that nothing else holds.
#pragma once

#define CANARY(number) "Cnry" #number "QzWx"

// How services form their keys, and how people write down what is theirs.
#define OPENAI_KEY(number) "sk-proj-" CANARY(number) "0aB1cD2eF3gH4iJ5"
#define OPAQUE_KEY(number) "0aB1cD2eF3" CANARY(number) "gH4iJ5kL6mN7oP8"

constexpr const char* kFirstWordOfPrompt = "ordinarily";

// All that are used.
constexpr const char* kCanaries[] = {
    CANARY(01), CANARY(02), CANARY(03), CANARY(04), CANARY(05), CANARY(06), CANARY(07),
    CANARY(08), CANARY(09), CANARY(10), CANARY(11), CANARY(12), CANARY(13), CANARY(14),
    CANARY(15), CANARY(16), CANARY(17), CANARY(18), CANARY(19), CANARY(20), CANARY(21),
    CANARY(22), CANARY(23), CANARY(24), CANARY(25), CANARY(26), CANARY(27), CANARY(28),
    CANARY(29), CANARY(30), CANARY(31), CANARY(32), CANARY(33), CANARY(34), CANARY(35),
    CANARY(36), CANARY(37), CANARY(38), CANARY(39), CANARY(40), CANARY(41), CANARY(42),
};
