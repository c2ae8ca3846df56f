import type { BacktestResult } from '../run/backtest-result.js'
import type { ReportExtras, ReportInput } from './report-input.js'
import { writeReport } from './write-report.js'

/** The data of a result with its `writeReport`, which is not enumerable: copies, comparisons and JSON see the data only. */
export function withReport(data: ReportInput, extra: ReportExtras = {}): BacktestResult {
  const result = { ...data }
  Object.defineProperty(result, 'writeReport', {
    value: (path: string): Promise<void> => writeReport(data, path, extra),
  })
  return result as BacktestResult
}
