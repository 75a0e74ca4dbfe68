package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestProgressIsToldAfterAWhileAndTakenAway(t *testing.T) {
	var out bytes.Buffer
	p := startProgress(&out, time.Millisecond, "reading", 3)
	p.step()
	time.Sleep(250 * time.Millisecond)
	p.stop()
	if got := out.String(); !strings.Contains(got, "reading: 1 of 3 files") || !strings.HasSuffix(got, "\r\x1b[K") {
		t.Errorf("%q", got)
	}
}

func TestAShortRunTellsNoProgress(t *testing.T) {
	var out bytes.Buffer
	p := startProgress(&out, time.Hour, "reading", 3)
	p.step()
	p.stop()
	if out.Len() > 0 {
		t.Errorf("%q", out.String())
	}
	if audience(&out) != nil {
		t.Error("a buffer passes for a terminal")
	}
}
