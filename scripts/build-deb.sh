#!/bin/sh
# Makes a Debian package of what `make install` installs: build-deb.sh BUILD_DIR
#
# dpkg-deb and dpkg-shlibdeps do the work; both are in dpkg-dev, which every Debian that compiles has.
set -eu
build=$1
cd "$(dirname "$0")/.."
version=$(sed -n 's/.*kVersion\[\] = "\(.*\)".*/\1/p' exporters/span/version.h)
architecture=$(dpkg --print-architecture)
root=$build/deb
package=$build/llmobserve_${version}_$architecture.deb

rm -rf "$root"
mkdir -p "$root/DEBIAN" "$root/debian"
chmod 755 "$root"
umask 022
# What has been built is packed as it is.
"${MAKE:-make}" -o all BUILD="$build" PREFIX=/usr DESTDIR="$root" install >/dev/null

# The library lies where the loader looks for a bare name, and finds the program in ../bin from there.
library=$root/usr/lib/libllmobserve.so
program=$root/usr/bin/llmobserve
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$program"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$library"
chmod 644 "$library"

doc=$root/usr/share/doc/llmobserve
mkdir -p "$doc"
{
  echo 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
  echo
  echo 'Files: *'
  sed -n 's/^Copyright (c) /Copyright: /p' LICENSE
  echo 'License: MIT'
  sed -n '/^Permission/,$ { s/^$/./; s/^/ /; p; }' LICENSE
} >"$doc/copyright"
# The same bytes for the same sources: the date is that of the last commit, or SOURCE_DATE_EPOCH.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
{
  echo "llmobserve ($version) unstable; urgency=medium"
  echo
  echo "  * Version $version."
  echo
  echo " -- The llmobserve authors <authors@llmobserve.invalid>  $(LC_ALL=C date -u -R -d "@$SOURCE_DATE_EPOCH")"
} | gzip -9n >"$doc/changelog.gz"
gzip -9n "$root/usr/share/man/man1/llmobserve.1"

overrides=$root/usr/share/lintian/overrides
mkdir -p "$overrides"
cat >"$overrides/llmobserve" <<'OVERRIDES'
# It is preloaded into programs that have another zlib, or none: its own is inside and its names are hidden.
llmobserve: embedded-library zlib [usr/lib/libllmobserve.so]
# Nothing links it: it is preloaded, by this name.
llmobserve: package-name-doesnt-match-sonames libllmobserve
llmobserve: shared-library-lacks-version usr/lib/libllmobserve.so libllmobserve.so
OVERRIDES

# What the two files link is what the package needs; dpkg-shlibdeps wants a source package to say so for.
printf 'Source: llmobserve\n\nPackage: llmobserve\nArchitecture: any\n' >"$root/debian/control"
depends=$(cd "$root" && dpkg-shlibdeps -O usr/bin/llmobserve usr/lib/libllmobserve.so 2>/dev/null |
  sed -n 's/^shlibs:Depends=//p')
rm -r "$root/debian"
[ -n "$depends" ] || { echo "build-deb.sh: cannot tell what the package depends on" >&2; exit 1; }

cat >"$root/DEBIAN/control" <<CONTROL
Package: llmobserve
Version: $version
Architecture: $architecture
Maintainer: The llmobserve authors <authors@llmobserve.invalid>
Installed-Size: $(du -sk "$root/usr" | cut -f1)
Depends: $depends
Section: devel
Priority: optional
Description: traces of LLM workflows, from native programs as they are
 Preloaded into a program, libllmobserve.so turns functions that were built
 with -finstrument-functions into OpenTelemetry workflow spans, and every
 request that goes through libcurl into a client span, with model, tokens,
 cost and errors for calls to language models and vector databases.
 .
 The program llmobserve exports the spans and shows them.
CONTROL
echo "activate-noawait ldconfig" >"$root/DEBIAN/triggers"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum >DEBIAN/md5sums)
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz --build "$root" "$package" >/dev/null
rm -rf "$root"
echo "$package"
