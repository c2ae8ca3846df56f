import type { BacktestResult } from '../run/backtest-result.js'
import type { ReportInput } from './report-input.js'
import { writeReport } from './write-report.js'

/** The data of a result with its `writeReport`, which is not enumerable: copies, comparisons and JSON see the data only. */
export function withReport(data: ReportInput): BacktestResult {
  const result = { ...data }
  Object.defineProperty(result, 'writeReport', { value: (path: string): Promise<void> => writeReport(data, path) })
  return result as BacktestResult
}
