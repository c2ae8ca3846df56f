import { operationPaths } from './order-operations.js'
import { rateTable } from './rate-table.js'

/** All that the fake answers: a method and a path, or `WS` and the name of an operation. Each request has a rate. */
export const okxRoutes: readonly string[] = [
  ...Object.keys(rateTable).map((name) => name.replace(' ', ' /api/v5/')),
  ...Object.keys(operationPaths).map((name) => `WS ${name}`),
]
