"use strict";
// Numbers, times and foreign texts as people read them.

// Three digits: 2.41 s, 812 ms, 4.20 ms, 35.1 µs; 3 min 05 s.
function durationText(nanos) {
  if (!(nanos >= 0)) return "";
  if (nanos < 999.5) return `${Math.round(nanos)} ns`;
  if (nanos < 999.5e3) return `${threeDigits(nanos / 1e3)} µs`;
  if (nanos < 999.5e6) return `${threeDigits(nanos / 1e6)} ms`;
  if (nanos < 60e9) return `${threeDigits(nanos / 1e9)} s`;
  const seconds = Math.floor(nanos / 1e9);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  const hours = Math.floor(seconds / 3600);
  if (hours < 48) return `${hours} h ${pad(Math.floor((seconds % 3600) / 60))} min`;
  return `${countText(Math.floor(hours / 24))} days`;
}

function threeDigits(value) {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

function pad(number, width = 2) {
  return String(number).padStart(width, "0");
}

// Groups of three: 1 942.
function countText(count) {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function plural(count, one, many = one + "s") {
  return `${countText(count)} ${count === 1 ? one : many}`;
}

// $12.40, $0.0113, $0.000012; "" where it is not known.
function usdText(usd) {
  if (!(usd >= 0)) return "";
  if (usd === 0) return "$0";
  if (usd >= 1) return "$" + usd.toFixed(2).replace(/\B(?=(\d{3})+\.)/g, "\u202f");
  const digits = Math.min(20, Math.max(2, 1 - Math.floor(Math.log10(usd))));
  return "$" + usd.toFixed(digits);
}

// 8:05:03.120, in the time of whoever looks.
function clockText(date) {
  if (Number.isNaN(date.getTime())) return "";
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}.${pad(date.getMilliseconds(), 3)}`;
}

function dayText(date) {
  if (Number.isNaN(date.getTime())) return "";
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

// Nanoseconds since 1970, as decimal digits or a BigInt.
function dateOf(unixNanos) {
  return new Date(Number(BigInt(unixNanos) / 1000000n));
}

// All digits, in UTC: 2026-11-23T08:05:03.120456789Z
function exactTimeText(unixNanos) {
  const nanos = BigInt(unixNanos);
  const date = new Date(Number(nanos / 1000000000n) * 1000);
  if (Number.isNaN(date.getTime())) return String(nanos);
  return date.toISOString().replace(/\.\d+Z$/, `.${String(nanos % 1000000000n).padStart(9, "0")}Z`);
}

// `2 s`, `500ms`, `1.5` (seconds) as nanoseconds; NaN where it is none of these, -1 where there is nothing.
function nanosOf(text) {
  const trimmed = text.trim();
  if (trimmed === "") return -1;
  const match = /^(\d+(?:[.,]\d+)?)\s*(ns|us|µs|ms|s|m|min|h)?$/.exec(trimmed);
  if (!match) return NaN;
  const units = new Map([["ns", 1], ["us", 1e3], ["µs", 1e3], ["ms", 1e6], ["s", 1e9], ["m", 60e9], ["min", 60e9], ["h", 3600e9]]);
  return parseFloat(match[1].replace(",", ".")) * units.get(match[2] || "s");
}

// What a browser would hide or obey (control characters, direction overrides, marks without width) as an escape.
// Line ends and tabs stay.
function visible(text) {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
