# One image recipe for every service: docker build --build-arg SERVICE=sync-service -t seatwise/sync-service .
FROM node:24-bookworm-slim AS build
WORKDIR /seatwise
COPY package.json package-lock.json .npmrc nx.json tsconfig.base.json ./
COPY libs libs
COPY apps apps
COPY tools/package.json tools/package.json
RUN npm ci --no-fund --no-audit
ARG SERVICE
RUN NX_DAEMON=false npx nx build @seatwise/${SERVICE} \
 && mkdir pages \
 && if [ "$SERVICE" = gateway ]; then \
      NX_DAEMON=false npx nx build @seatwise/dashboard && mkdir pages/dashboard && mv apps/dashboard/dist pages/dashboard/dist; \
    fi \
 && npm prune --omit=dev --workspace=@seatwise/${SERVICE} --include-workspace-root=false \
 && find . -name '*.ts' -not -path './node_modules/*' -delete

FROM node:24-bookworm-slim
ARG SERVICE
LABEL org.opencontainers.image.title="seatwise-${SERVICE}" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production HTTP_PORT=8080 HOST=0.0.0.0
WORKDIR /seatwise
COPY --from=build /seatwise/package.json ./
COPY --from=build /seatwise/node_modules node_modules
COPY --from=build /seatwise/libs libs
COPY --from=build /seatwise/apps/${SERVICE} service
# The gateway serves the dashboard; for another service there is nothing here.
COPY --from=build /seatwise/pages ./
USER node
EXPOSE 8080
CMD ["node", "--max-old-space-size=192", "--max-semi-space-size=8", "service/dist/main.js"]
