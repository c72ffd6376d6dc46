"""Validates reports by tools that are not ours: validate_reports.py SCHEMA FILE...

A .sarif file is held to SCHEMA, its rules are found by their indices, and no region ends before it begins. A .xml file is
well-formed JUnit whose numbers are those of its elements. Prints what is wrong and returns 1 then.
"""
import json
import sys
import xml.etree.ElementTree as tree

import jsonschema


def check_sarif(path, validator):
    with open(path, encoding="utf-8") as file:
        sarif = json.load(file)
    validator.validate(sarif)
    run = sarif["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        region = result["locations"][0]["physicalLocation"]["region"]
        begin = (region["startLine"], region["startColumn"])
        assert begin <= (region["endLine"], region["endColumn"]), region


def check_junit(path):
    root = tree.parse(path).getroot()
    assert root.tag == "testsuites"
    for part in [root] + list(root):
        cases = list(part.iter("testcase"))
        assert int(part.get("tests")) == len(cases)
        for element, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(part.get(count)) == len(list(part.iter(element))), (path, count)
        assert all(case.get("classname") and case.get("name") for case in cases)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    for path in sys.argv[2:]:
        try:
            if path.endswith(".sarif"):
                check_sarif(path, jsonschema.Draft7Validator(schema))
            else:
                check_junit(path)
        except (AssertionError, ValueError, tree.ParseError, jsonschema.ValidationError) as problem:
            print(f"{path}: {problem}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
