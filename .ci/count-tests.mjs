// Prints "PASSED FAILED" from vitest's JSON report and the exit code of its run.
import { readFileSync } from 'node:fs'

const [, , report, status] = process.argv
let passed = 0
let failed = 0
try {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'))
  passed = numPassedTests
  failed = numFailedTests
} catch {
  // No report: the tests never ran.
}
if (status !== '0' && failed === 0) failed = 1
console.log(`${passed} ${failed}`)
