#pragma once

#include "napi/arguments.h"
#include "napi/node_api.h"

namespace tracesmith {

// A Napi::ObjectWrap whose methods and properties refuse every object but those of their own class. Node-API hands a
// getter whatever object it was called on, and would take the pointer in there for one to a T.
//
// T has a static kTypeTag, and calls Tag() at the end of its constructor.
template <typename T>
class TaggedWrap : public Napi::ObjectWrap<T> {
 public:
  using Napi::ObjectWrap<T>::ObjectWrap;

  // Called by Node-API's wrappers before each method and property.
  static T* Unwrap(Napi::Object object) {
    if (!object.CheckTypeTag(&T::kTypeTag)) {
      throw CodedError(object.Env(), "INVALID_ARGUMENT", "called on an object of another class");
    }
    return Napi::ObjectWrap<T>::Unwrap(object);
  }

  static Napi::Value OnCalledAsFunction(const Napi::CallbackInfo& info) {
    throw CodedError(info.Env(), "INVALID_ARGUMENT", "expected the constructor to be called with new");
  }

 protected:
  void Tag() { this->Value().TypeTag(&T::kTypeTag); }
};

}  // namespace tracesmith
