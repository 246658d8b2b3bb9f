//go:build race

package main

// raceDetector says that the tests run under the race detector, where workers have
// no memory cap and everything takes more of all.
const raceDetector = true
