// Memory of the fast executor: taken piece by piece, given back all at once, kept by the thread for its next image.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace leaven::plan::fast {

class Arena {
 public:
  /// The calling thread's arena.
  static Arena& of_thread();

  /// Uninitialised, 64-byte aligned, with 64 spare bytes behind. Throws Error(environment) when memory runs out.
  template <class T>
  T* take(std::size_t count) {
    return reinterpret_cast<T*>(bytes(count * sizeof(T)));
  }

  /// Gives back what was taken since. Scopes nest, for functions of Opaque nodes that run plans themselves.
  class Scope {
   public:
    explicit Scope(Arena& arena) : arena_(arena), chunk_(arena.chunk_), used_(arena.used_) { ++arena_.depth_; }
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Arena& arena_;
    std::size_t chunk_, used_;
  };

 private:
  struct Free {
    void operator()(std::byte* p) const;
  };
  struct Chunk {
    std::unique_ptr<std::byte[], Free> memory;
    std::size_t size;
  };
  std::byte* bytes(std::size_t count);
  void add_chunk(std::size_t size);

  std::vector<Chunk> chunks_;
  std::size_t chunk_{};  ///< the one in use
  std::size_t used_{};   ///< bytes taken of it
  int depth_{};
};

}  // namespace leaven::plan::fast
