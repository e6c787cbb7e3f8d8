// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

package faults_test

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

var (
	onlyWorkload = flag.String("faults.workload", "", "run this workload only")
	onlyFault    = flag.String("faults.fault", "", "run these faults only; several joined by + meet the sites of -faults.site one by one")
	onlySite     = flag.String("faults.site", "", "meet this site only, for example apigateway.CreateRestApi#1; several joined by +")
	pairCount    = flag.Int("faults.pairs", 0, "how many seeded random pairs of faults to run as well")
	seed         = flag.Uint64("faults.seed", 1, "seed of the pairs and of the sample")
	trace        = flag.Bool("faults.trace", false, "print the calls and conditions of the runs with faults")
	sampleSize   = flag.Int("faults.sample", usualSample(), "how many runs of the matrix, spread over workloads and faults; 0 is all")
)

// usualSample has every fault and every workload in it several times; under the
// race detector, once.
func usualSample() int {
	if underDetector {
		return 60
	}
	return 300
}

// run is one run of a workload with its faults.
type run struct {
	workload workload
	inject   []injection
}

// replay is the command that repeats a run.
func (r run) replay() string {
	var sites, names []string
	for _, i := range r.inject {
		sites, names = append(sites, i.At.String()), append(names, i.Fault.name)
	}
	return fmt.Sprintf("go run ./hack/faults -workload %s -site %s -fault %s", r.workload.name, strings.Join(sites, "+"), strings.Join(names, "+"))
}

// result is what became of a run.
type result struct {
	run        run
	violations []string
	sites      []site
	states     map[site]string
	picture    string
	met, turns int
	most       int
	logs       string
}

// execute runs in a bubble of its own.
func execute(t *testing.T, r run, want *result) (out result) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, r.inject, r.workload.paced)
		if r.workload.before != nil {
			w.inject = nil
			r.workload.before(w)
			w.inject = r.inject
			w.restart()
			w.counts, w.sites, w.learned, w.moments, w.turns = map[string]int{}, nil, 0, nil, 0
		}
		w.trace = *trace && want != nil
		if want == nil {
			w.states = map[site]string{}
		}
		r.workload.run(w)
		w.checkHidden()
		if want == nil {
			w.checkLife()
		}
		if w.learned == 0 {
			w.learned = len(w.sites)
		}
		out = result{run: r, sites: w.sites[:w.learned], states: w.states, met: w.met, turns: w.turns, most: w.most, picture: w.account().picture(), logs: w.logs.String()}
		if len(r.inject) == 1 && w.met == 0 && len(w.violations) == 0 {
			w.violate("the fault never comes about: no call %s is made", r.inject[0].At)
		}
		same := w.traits&(userDeletes|userEdits) == 0 && !w.hidden
		if want != nil && same && len(w.violations) == 0 && out.picture != want.picture {
			w.violate("the stack ends up different: %s", difference(want.picture, out.picture))
		}
		out.violations = w.violations
	})
	return out
}

// difference shows where two texts part.
func difference(want, have string) string {
	i := 0
	for i < len(want) && i < len(have) && want[i] == have[i] {
		i++
	}
	from := max(0, i-80)
	return fmt.Sprintf("want ...%s..., have ...%s...", want[from:min(len(want), i+80)], have[from:min(len(have), i+80)])
}

// TestFaultMatrix learns the calls of each workload and lets each of them meet
// each fault. Without flags it runs a seeded sample.
func TestFaultMatrix(t *testing.T) {
	var runs []run
	learned := map[string]result{}
	for _, wl := range allWorkloads() {
		if *onlyWorkload != "" && wl.name != *onlyWorkload {
			continue
		}
		clean := execute(t, run{workload: wl}, nil)
		if len(clean.violations) > 0 {
			t.Errorf("workload %s goes wrong without any fault: %s", wl.name, strings.Join(clean.violations, "; "))
			continue
		}
		if wl.paced && clean.turns == 0 {
			t.Errorf("workload %s never waits for a turn", wl.name)
		}
		learned[wl.name] = clean
		runs = append(runs, runsOf(t, wl, clean.sites, clean.states)...)
	}
	if len(runs) == 0 {
		t.Fatalf("nothing to run: no workload, site and fault match %q, %q, %q", *onlyWorkload, *onlySite, *onlyFault)
	}
	if *onlyWorkload == "" && *onlySite == "" {
		for _, f := range faults {
			if fits := func(r run) bool { return r.inject[0].Fault.name == f.name }; (*onlyFault == "" || *onlyFault == f.name) && !slices.ContainsFunc(runs, fits) {
				t.Errorf("fault %s befalls no call of any workload", f.name)
			}
		}
	}
	chosen := runs
	if *sampleSize > 0 && *onlySite == "" {
		chosen = sample(runs, *sampleSize)
	}
	chosen = append(chosen, pairs(runs, *pairCount)...)
	results := executeAll(t, chosen, learned)
	cases := map[string]int{}
	for _, r := range runs {
		cases[r.workload.name]++
	}
	report(t, learned, cases, results)
}

// runsOf is the matrix of one workload, or the one run that flags ask for.
func runsOf(t *testing.T, wl workload, sites []site, states map[site]string) []run {
	if strings.Contains(*onlySite, "+") {
		return []run{{wl, pairOf(t)}}
	}
	var out []run
	if *onlySite == "" {
		sites = different(sites, states)
	}
	for _, s := range sites {
		if *onlySite != "" && s.String() != *onlySite {
			continue
		}
		for _, f := range faults {
			if f.fits(s) && (*onlyFault == "" || f.name == *onlyFault) {
				out = append(out, run{wl, []injection{{At: s, Fault: f}}})
			}
		}
	}
	return out
}

// different leaves out calls that are a case already: between the first and
// the last of an operation's calls that find the same account and the same
// object. An operator that waits for AWS makes many of them.
func different(sites []site, states map[site]string) []site {
	type meeting struct{ op, state string }
	first, last := map[meeting]site{}, map[meeting]site{}
	for _, s := range sites {
		m := meeting{s.Op, states[s]}
		if _, ok := first[m]; !ok {
			first[m] = s
		}
		last[m] = s
	}
	return slices.DeleteFunc(slices.Clone(sites), func(s site) bool {
		m := meeting{s.Op, states[s]}
		return s != first[m] && s != last[m]
	})
}

func pairOf(t *testing.T) []injection {
	sites, names := strings.Split(*onlySite, "+"), strings.Split(*onlyFault, "+")
	if len(sites) != len(names) {
		t.Fatalf("-faults.site names %d sites and -faults.fault %d faults; give one fault for each site", len(sites), len(names))
	}
	var out []injection
	for i := range sites {
		op, n, _ := strings.Cut(sites[i], "#")
		f, ok := faultNamed(names[i])
		if !ok {
			t.Fatalf("-faults.fault: there is no fault %q", names[i])
		}
		at := site{Op: op}
		if _, err := fmt.Sscan(n, &at.N); err != nil {
			t.Fatalf("-faults.site %q: use operation#number, for example apigateway.CreateRestApi#1", sites[i])
		}
		out = append(out, injection{At: at, Fault: f})
	}
	return out
}

// sample chooses runs: at first one of each workload and one of each fault, then
// so that no workload has a fault twice before it has had them all once.
func sample(all []run, n int) []run {
	random := rand.New(rand.NewPCG(*seed, 1))
	strata := map[string][]run{}
	for _, r := range all {
		name := r.workload.name + " " + r.inject[0].Fault.name
		strata[name] = append(strata[name], r)
	}
	names := slices.Sorted(maps.Keys(strata))
	random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = coveringFirst(names)
	var out []run
	for len(out) < min(n, len(all)) {
		for _, name := range names {
			if rest := strata[name]; len(rest) > 0 && len(out) < n {
				i := random.IntN(len(rest))
				out = append(out, rest[i])
				strata[name] = slices.Delete(rest, i, i+1)
			}
		}
	}
	return out
}

// coveringFirst moves the pairs of a workload and a fault to the front of which
// either was not seen before.
func coveringFirst(names []string) []string {
	var first, rest []string
	seen := map[string]bool{}
	for _, name := range names {
		workload, fault, _ := strings.Cut(name, " ")
		if seen[workload] && seen[fault] {
			rest = append(rest, name)
			continue
		}
		seen[workload], seen[fault] = true, true
		first = append(first, name)
	}
	return append(first, rest...)
}

// pairs joins runs of the same workload at random.
func pairs(all []run, n int) []run {
	random := rand.New(rand.NewPCG(*seed, 2))
	byName := map[string][]run{}
	for _, r := range all {
		byName[r.workload.name] = append(byName[r.workload.name], r)
	}
	names := slices.Sorted(maps.Keys(byName))
	var out []run
	for range n {
		of := byName[names[random.IntN(len(names))]]
		a, b := of[random.IntN(len(of))], of[random.IntN(len(of))]
		out = append(out, run{a.workload, []injection{a.inject[0], b.inject[0]}})
	}
	return out
}

// executeAll runs everything on all processors, each run in its own bubble.
func executeAll(t *testing.T, runs []run, learned map[string]result) []result {
	results := make([]result, len(runs))
	var group sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := range next {
				want := learned[runs[i].workload.name]
				results[i] = execute(t, runs[i], &want)
				if v := results[i].violations; len(v) > 0 { // said at once: the rest may take long
					fmt.Printf("%s\n\treplay: %s\n", strings.Join(v, "\n\t"), runs[i].replay())
				}
			}
		})
	}
	for i := range runs {
		next <- i
	}
	close(next)
	group.Wait()
	return results
}

// report prints one line for each workload and one for all.
func report(t *testing.T, learned map[string]result, cases map[string]int, results []result) {
	sites, kinds, violations, most := 0, map[string]bool{}, 0, 0
	type tally struct{ runs, met, violations int }
	tallies := map[string]*tally{}
	for _, r := range results {
		name := r.run.workload.name
		if tallies[name] == nil {
			tallies[name] = &tally{}
		}
		tallies[name].runs++
		most = max(most, r.most)
		if r.met > 0 {
			tallies[name].met++
		}
		for _, i := range r.run.inject {
			kinds[i.Fault.name] = true
		}
		if len(r.violations) == 0 {
			continue
		}
		tallies[name].violations++
		violations++
	}
	if violations > 0 {
		t.Errorf("%d runs broke a promise", violations)
	}
	fmt.Printf("%-24s %6s %7s %7s %7s %11s\n", "workload", "sites", "cases", "runs", "met", "violations")
	for _, name := range slices.Sorted(maps.Keys(learned)) {
		sites += len(learned[name].sites)
		if c := tallies[name]; c != nil {
			fmt.Printf("%-24s %6d %7d %7d %7d %11d\n", name, len(learned[name].sites), cases[name], c.runs, c.met, c.violations)
		}
	}
	fmt.Printf("calls of one look: %d at most, %d are allowed\n", most, mostCalls)
	fmt.Printf("faults: sites=%d faults=%d runs=%d violations=%d\n", sites, len(kinds), len(results), violations)
}
