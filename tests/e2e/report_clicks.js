// SPDX-License-Identifier: BSD-3-Clause
// Runs at the end of a page of `kedge report` with three cases, two sites and measured data: clicks its boxes and buttons, looks
// at what is shown, and writes <pre id="clicks"> with "all is well" or what is wrong.
(function () {
  'use strict';
  const faults = [];
  function expect(truth, what) { if (!truth) faults.push(what); }

  const all = selector => Array.from(document.querySelectorAll(selector));
  const box = (group, number) => all('input[name=' + group + ']')[number];
  const button = (group, value) => document.querySelector('button[name=' + group + '][value=' + value + ']');
  const name = part => part.getAttribute('data-curve');
  // A curve may be a line without height; one that is not drawn has no size at all.
  function drawn(part) {
    const room = part.getBoundingClientRect();
    return getComputedStyle(part).display !== 'none' && room.width + room.height > 0;
  }
  const curves = label => all('.curve, .legend').filter(part => name(part) === label);
  const shown = label => curves(label).filter(drawn).length;
  const atoms = label => all('.atom').filter(part => name(part) === label);

  const cases = all('input[name=case]').map(one => one.value);
  const sites = all('input[name=site]').map(one => one.value);
  expect(cases.length === 3, cases.length + ' boxes of cases, wanted 3');
  expect(sites.length === 2, sites.length + ' boxes of sites, wanted 2');
  const count = {};
  cases.concat(sites).forEach(label => {
    count[label] = curves(label).length;
    // Parts are curves and their legends: a site has both in one figure for each of two q, a case in more figures.
    expect(count[label] >= 4, 'only ' + count[label] + ' parts of ' + label);
    expect(shown(label) === count[label], label + ' is not shown at first');
  });
  function expectShown(labels, when) {
    cases.concat(sites).forEach(label => {
      const wanted = labels.includes(label) ? count[label] : 0;
      expect(shown(label) === wanted, when + ': ' + shown(label) + ' parts of ' + label + ' shown, wanted ' + wanted);
    });
  }
  const without = label => cases.concat(sites).filter(other => other !== label);

  box('case', 1).click();
  expectShown(without(cases[1]), 'case 2 off');
  expect(shown('measured') > 0, 'the measured points vanished with a case');
  box('case', 1).click();
  expectShown(cases.concat(sites), 'case 2 on again');

  box('site', 0).click();
  expectShown(without(sites[0]), 'site 1 off');
  expect(atoms(sites[0]).length === 1, 'no atom of site 1');
  atoms(sites[0]).forEach(atom => {
    expect(drawn(atom) && getComputedStyle(atom).opacity < 1, 'the atom of site 1 is not faint');
  });
  box('site', 0).click();

  button('case', 'none').click();
  expectShown(sites, 'no case');
  expect(!all('input[name=case]').some(one => one.checked), 'boxes stay checked');
  button('site', 'none').click();
  expectShown([], 'no site');
  button('case', 'all').click();
  button('site', 'all').click();
  expectShown(cases.concat(sites), 'all again');
  atoms(sites[0]).forEach(atom => expect(getComputedStyle(atom).opacity === '1', 'the atom of site 1 stays faint'));

  const outside = all('[src], [srcset], [data], link, base').map(one => one.outerHTML.slice(0, 80));
  expect(outside.length === 0, 'refers to other files: ' + outside.join(' '));
  const fetched = performance.getEntriesByType('resource').map(one => one.name);
  expect(fetched.length === 0, 'fetched: ' + fetched.join(' '));
  const boxes = document.querySelector('.boxes').getBoundingClientRect();
  expect(boxes.height <= 0.31 * window.innerHeight, 'the boxes cover more than a third of the window');
  expect(document.documentElement.scrollWidth <= window.innerWidth, 'the page is wider than the window');

  const told = document.createElement('pre');
  told.id = 'clicks';
  told.textContent = faults.length === 0 ? 'all is well' : faults.join('; ');
  document.body.appendChild(told);
})();
