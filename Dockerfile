# pevensie-pg and nothing else: no shell, no C library, no user but a number.
#
#   docker build --tag pevensie-pg .
#   docker run --rm --env DATABASE_URL pevensie-pg migrate auth cache --apply --wait=60s
#
# tests/it/delivery runs the commands of this file.

FROM rust:1.95.0-bookworm AS build
WORKDIR /build
# musl's compiler is for the C in ring; cc finds it by itself for x86_64 only.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates musl-tools
RUN rustup target add "$(uname -m)-unknown-linux-musl"
COPY . .
RUN musl="$(uname -m)-unknown-linux-musl" \
    && TARGET_CC=musl-gcc cargo build --locked --release --target "$musl" \
    && install -D "${CARGO_TARGET_DIR:-target}/$musl/release/pevensie-pg" out/pevensie-pg \
    && scripts/licences "$musl" >out/THIRD-PARTY-LICENSES

FROM scratch
# For sslrootcert=system.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY LICENSE-MIT LICENSE-APACHE /usr/share/doc/pevensie-pg/
COPY --from=build /build/out/THIRD-PARTY-LICENSES /usr/share/doc/pevensie-pg/THIRD-PARTY-LICENSES
COPY --from=build /build/out/pevensie-pg /usr/local/bin/pevensie-pg
USER 65532:65532
ENTRYPOINT ["/usr/local/bin/pevensie-pg"]
