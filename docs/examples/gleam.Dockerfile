FROM ghcr.io/OWNER/pevensie-pg:0.1.0 AS pevensie-pg

FROM ghcr.io/gleam-lang/gleam:v1.11.1-erlang-alpine AS build
WORKDIR /build
COPY . .
RUN gleam export erlang-shipment

FROM erlang:27-alpine
WORKDIR /app
COPY --from=pevensie-pg /usr/local/bin/pevensie-pg /usr/local/bin/pevensie-pg
COPY --from=build /build/build/erlang-shipment .
USER 65534:65534
ENTRYPOINT ["sh", "-c", "pevensie-pg migrate auth cache --apply --wait=60s && exec ./entrypoint.sh run"]
