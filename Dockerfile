# One recipe for every image: docker build --build-arg SERVICE=sync-service -t seatwise/sync-service:0.1.0 .
# `npm run images` builds all of them. Behind a mirror, name the two bases there.
ARG BUILD_BASE=docker.io/library/node:24-bookworm-slim
ARG RUN_BASE=gcr.io/distroless/nodejs24-debian12:nonroot

# Everything is built once, for all images.
FROM ${BUILD_BASE} AS build
WORKDIR /seatwise
COPY package.json package-lock.json .npmrc nx.json tsconfig.base.json ./
COPY libs libs
COPY apps apps
COPY tools/package.json tools/package.json
# A registry that wants a token: docker build --secret id=npmrc,src=$HOME/.npmrc
ENV NPM_CONFIG_USERCONFIG=/run/secrets/npmrc
RUN --mount=type=secret,id=npmrc npm ci --no-fund --no-audit
RUN NX_DAEMON=false npx nx run-many -t build --projects='apps/*' --output-style=static

# What one service needs to run: its own dependencies, the libs among them, and the dashboard for the gateway.
FROM build AS service
ARG SERVICE
WORKDIR /service
RUN --mount=type=secret,id=npmrc \
  cp -r /seatwise/package.json /seatwise/package-lock.json /seatwise/.npmrc . \
  && for each in /seatwise/libs/* /seatwise/apps/* /seatwise/tools; do \
    mkdir -p ".${each#/seatwise}" && cp "$each/package.json" ".${each#/seatwise}/"; \
  done \
  && npm ci --omit=dev --workspace="@seatwise/$SERVICE" --include-workspace-root=false --no-fund --no-audit \
  # Wanted by a plugin of @nestjs/swagger that compiles; nothing that runs has a use for it.
  && rm -rf node_modules/typescript node_modules/@typescript "node_modules/@seatwise/$SERVICE" package-lock.json .npmrc \
  # Its package.json, and the packages that npm put beside it alone.
  && mv "apps/$SERVICE" service && rm -r apps tools \
  && for lib in libs/*; do \
    if [ -e "node_modules/@seatwise/${lib#libs/}" ]; then cp -r "/seatwise/$lib/dist" "$lib/"; else rm -r "$lib"; fi; \
  done \
  && cp -r "/seatwise/apps/$SERVICE/dist" service/ \
  && if [ "$SERVICE" = gateway ]; then mkdir dashboard && cp -r /seatwise/apps/dashboard/dist dashboard/; fi \
  && find . \( -name '*.ts' -o -name '*.map' \) -type f -delete

FROM ${RUN_BASE}
ARG SERVICE
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="seatwise-${SERVICE}" \
  org.opencontainers.image.description="${SERVICE} of Seatwise: who holds a seat in which application, and who uses it" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
# Node.js sizes its heap by the machine, and on a large one lets garbage lie; a service needs little, so it is told.
ENV NODE_ENV=production HTTP_PORT=8080 HOST=0.0.0.0 NODE_OPTIONS="--max-old-space-size=192 --max-semi-space-size=8"
WORKDIR /seatwise
COPY --from=service /service ./
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/nodejs/bin/node"]
CMD ["service/dist/main.js"]
