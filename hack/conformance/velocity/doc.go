// Copyright The CommentsAPI Authors.
// SPDX-License-Identifier: Apache-2.0

// Command velocity holds the local AWS's template engine to Apache Velocity
// 1.7: it renders a corpus of templates with both and compares.
//
//	go run ./hack/conformance/velocity [-run REGEX] [-random N] [-seed S] [-v]
//
// With -random N it also compares N templates made from -seed. Of a thousand,
// about two differ, in what follows a reference immediately (such as "$x.y{$z"
// or "$x.y(#end"); -random is there to look for other differences.
//
// It needs the Java runtime and Debian's packages of Velocity and Jayway
// JsonPath and installs them with apt-get when they are missing. Its last line
// is "conformance: velocity N/N"; it exits with 1 when a result differs
// that the corpus does not say may differ.
//
// # Corpus
//
// A file in corpus/ is a sequence of sections, each started by a line
//
//	-- name [key=value ...] --
//
// A section named @data is JSON and holds the data of the templates that
// follow in the file: vars in mode plain; body (a string), path, query,
// header, context and stageVariables in mode aws. It may be a list, and then
// each template runs once with each of its elements. Any other section is a
// template (without the line end before the next section). Keys:
//
//	mode=aws      the variables are $input, $util, $context, $stageVariables
//	diff="why"    the results must differ, for the reason given
//	escapes=on    \n, \r, \t and \uXXXX in the template stand for characters
//
// Keys of an @data section hold for all templates up to the next one. The
// finished mapping templates of the operator, which its renderer keeps as
// golden files, run with all data of hostile.txt.
package main
