#!/usr/bin/env node
// A file that is there before the first build, so that npm can link the command when it installs the workspace.
import { main } from '../dist/main.js'

await main('alpaca')
