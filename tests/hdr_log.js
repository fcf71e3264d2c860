// SPDX-License-Identifier: GPL-2.0-only
// node tests/hdr_log.js LOG: what tests/hdr_log.py prints, as hdr-histogram-js reads it (npm install hdr-histogram-js; not
// needed by any test).
'use strict';
const fs = require('fs');
const hdr = require('hdr-histogram-js');

for (const line of fs.readFileSync(process.argv[2], 'utf8').split('\n')) {
  if (!line.startsWith('Tag=')) continue;
  const [tag, , , , text] = line.split(',');
  const histogram = hdr.decodeFromCompressedBase64(text);
  console.log(tag.slice(4), histogram.totalCount, histogram.getValueAtPercentile(50), histogram.maxValue);
}
